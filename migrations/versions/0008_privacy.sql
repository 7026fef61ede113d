CREATE FUNCTION identity.export_money_accounts(person uuid) RETURNS SETOF json
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT row_to_json(line) FROM (
        SELECT s.id, s.name, s.currency, s.exponent, s.balance, s.really_held AS held, s.overdraft, s.status, s.created_at
        FROM money.standing AS s WHERE s.owner_id = person ORDER BY s.id
    ) AS line;
END;

-- As in the account's own history: of the other side no more than the number of a person's account.
CREATE FUNCTION identity.export_money_entries(person uuid) RETURNS SETOF json
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT row_to_json(line) FROM (
        SELECT
            e.account_id, e.account_version AS number, e.transaction_id, t.kind, t.description, e.currency,
            money.change(e.side, a.normal_side, e.amount) AS amount,
            e.balance_after, other.id AS counterparty_account_id, t.posted_at
        FROM money.accounts AS a
        JOIN money.entries AS e ON e.account_id = a.id
        JOIN money.transactions AS t ON t.id = e.transaction_id
        LEFT JOIN money.sides AS o ON o.transaction_id = e.transaction_id AND o.account_id <> e.account_id
            AND o.currency = e.currency AND o.side <> e.side
        LEFT JOIN money.accounts AS other ON other.id = o.account_id AND other.owner_id IS NOT NULL
        WHERE a.owner_id = person ORDER BY e.account_id, e.account_version
    ) AS line;
END;

CREATE FUNCTION identity.export_money_requests(person uuid) RETURNS SETOF json
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT row_to_json(line) FROM (
        SELECT key AS idempotency_key, outcome, transaction_id, created_at
        FROM money.idempotency_keys WHERE principal_id = person ORDER BY created_at
    ) AS line;
END;
REVOKE ALL ON FUNCTION identity.export_money_accounts, identity.export_money_entries, identity.export_money_requests FROM PUBLIC;
GRANT EXECUTE ON FUNCTION identity.export_money_accounts, identity.export_money_entries, identity.export_money_requests TO artel_auth;
