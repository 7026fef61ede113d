-- I9 and the rest that no constraint can hold: one row a violation, none when the books are right.
CREATE FUNCTION money.violations() RETURNS TABLE (invariant text, detail text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT 'I9 trial balance', format('%s: debits %s, credits %s', currency, sum(debits), sum(credits))
    FROM money.accounts GROUP BY currency HAVING sum(debits) <> sum(credits)
    UNION ALL
    SELECT 'I9 counters', format('account %s differs from the sum of its entries', a.id)
    FROM money.accounts AS a
    LEFT JOIN LATERAL (
        SELECT
            coalesce(sum(amount) FILTER (WHERE side = 'debit'), 0) AS debits,
            coalesce(sum(amount) FILTER (WHERE side = 'credit'), 0) AS credits,
            coalesce(max(account_version), 0) AS version
        FROM money.entries WHERE account_id = a.id
    ) AS e ON true
    WHERE (a.debits, a.credits, a.version) IS DISTINCT FROM (e.debits::bigint, e.credits::bigint, e.version)
    UNION ALL
    SELECT 'I4 history', format('account %s breaks at version %s', account_id, account_version)
    FROM (
        SELECT
            e.account_id, e.account_version, e.balance_after,
            row_number() OVER w AS expected_version,
            sum(CASE e.side WHEN a.normal_side THEN e.amount ELSE -e.amount END) OVER w AS expected_balance
        FROM money.entries AS e JOIN money.accounts AS a ON a.id = e.account_id
        WINDOW w AS (PARTITION BY e.account_id ORDER BY e.account_version)
    ) AS history
    WHERE account_version <> expected_version OR balance_after <> expected_balance
    UNION ALL
    SELECT 'I1 transaction', format('transaction %s', t.id)
    FROM money.transactions AS t LEFT JOIN money.entries AS e ON e.transaction_id = t.id
    GROUP BY t.id HAVING count(e) < 2 OR sum(CASE e.side WHEN 'debit' THEN e.amount ELSE -e.amount END) <> 0;
$$;

-- All that analytics may see of money: amounts signed in the account's direction, people's accounts only.
CREATE VIEW money.entries_for_analytics AS
SELECT
    e.account_id, a.owner_id, e.currency, c.exponent, t.kind,
    CASE e.side WHEN a.normal_side THEN e.amount ELSE -e.amount END AS amount,
    e.balance_after, e.account_version, t.posted_at
FROM money.entries AS e
JOIN money.accounts AS a ON a.id = e.account_id
JOIN money.transactions AS t ON t.id = e.transaction_id
JOIN money.currencies AS c ON c.code = e.currency
WHERE a.owner_id IS NOT NULL;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA money FROM PUBLIC;
GRANT EXECUTE ON FUNCTION money.open_account, money.transfer, money.deposit, money.violations, money.balance TO artel_money;
GRANT SELECT ON money.currencies, money.accounts, money.transactions, money.entries TO artel_money;
GRANT USAGE ON SCHEMA money TO artel_analytics;
GRANT SELECT ON money.entries_for_analytics TO artel_analytics;
