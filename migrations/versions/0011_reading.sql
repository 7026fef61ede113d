-- As in 0008_privacy.sql; but who has sent to a person sees whom they named and not whose account it went to, nor whose it came
-- back from.
CREATE OR REPLACE FUNCTION identity.export_money_entries(person uuid) RETURNS SETOF json
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT row_to_json(line) FROM (
        SELECT
            e.account_id, e.account_version AS number, e.transaction_id, t.kind, t.description, e.currency,
            money.change(e.side, a.normal_side, e.amount) AS amount,
            e.balance_after,
            CASE WHEN m.payer_account_id = e.account_id THEN NULL ELSE other.id END AS counterparty_account_id,
            CASE WHEN m.payer_account_id = e.account_id THEN m.recipient END AS recipient,
            t.posted_at
        FROM money.accounts AS a
        JOIN money.entries AS e ON e.account_id = a.id
        JOIN money.transactions AS t ON t.id = e.transaction_id
        LEFT JOIN money.claims AS m ON m.transfer_id = coalesce(t.original_id, t.id)
        LEFT JOIN money.sides AS o ON o.transaction_id = e.transaction_id AND o.account_id <> e.account_id
            AND o.currency = e.currency AND o.side <> e.side
        LEFT JOIN money.accounts AS other ON other.id = o.account_id AND other.owner_id IS NOT NULL
        WHERE a.owner_id = person ORDER BY e.account_id, e.account_version
    ) AS line;
END;
