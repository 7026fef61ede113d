CREATE FUNCTION money.balance(a money.accounts) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE a.normal_side WHEN 'credit' THEN a.credits - a.debits ELSE a.debits - a.credits END;
$$;

CREATE FUNCTION money.change(p_side money.side, p_normal money.side, p_amount bigint) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE p_side WHEN p_normal THEN p_amount ELSE -p_amount END;
$$;

-- Accounts as they stand: what is not folded yet is in the balance, and what has expired is no longer held.
CREATE VIEW money.standing AS
    SELECT
        a.*, c.exponent,
        money.balance(a) + CASE
            WHEN a.hot THEN (
                SELECT coalesce(sum(money.change(d.side, a.normal_side, d.amount)), 0)::bigint
                FROM money.deltas AS d WHERE d.account_id = a.id
            ) ELSE 0
        END AS balance,
        a.held - CASE
            WHEN a.held > 0 THEN (
                SELECT coalesce(sum(h.amount), 0)::bigint FROM money.holds AS h
                WHERE h.account_id = a.id AND NOT h.resolved AND h.expires_at <= clock_timestamp()
            ) ELSE 0
        END AS really_held
    FROM money.accounts AS a JOIN money.currencies AS c ON c.code = a.currency;

-- The version an account had at a moment: of its last entry booked before or at it, 0 if there is none. booked_at rises with
-- the version, so halving finds it in twenty steps among a million, without an index that every posting would have to keep.
CREATE FUNCTION money.version_at(p_account uuid, p_moment timestamptz) RETURNS bigint
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    low bigint := 0;
    high bigint := (SELECT version FROM money.accounts WHERE id = p_account);
    middle bigint;
BEGIN
    WHILE low < high LOOP
        middle := (low + high + 1) / 2;
        IF (SELECT booked_at <= p_moment FROM money.entries WHERE account_id = p_account AND account_version = middle) THEN
            low := middle;
        ELSE
            high := middle - 1;
        END IF;
    END LOOP;
    RETURN low;
END
$$;

-- What no constraint can hold: one row a violation, none when the books are right.
CREATE FUNCTION money.violations() RETURNS TABLE (invariant text, detail text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT 'I9 trial balance', format('%s: debits %s, credits %s', currency, sum(debits), sum(credits))
    FROM (
        SELECT currency, debits, credits FROM money.accounts
        UNION ALL
        SELECT
            currency, CASE side WHEN 'debit' THEN amount ELSE 0 END, CASE side WHEN 'credit' THEN amount ELSE 0 END
        FROM money.deltas
    ) AS everything
    GROUP BY currency HAVING sum(debits) <> sum(credits)
    UNION ALL
    SELECT 'I9 counters', format('account %s differs from the sum of its entries', a.id)
    FROM money.accounts AS a
    LEFT JOIN (
        SELECT
            account_id,
            coalesce(sum(amount) FILTER (WHERE side = 'debit'), 0) AS debits,
            coalesce(sum(amount) FILTER (WHERE side = 'credit'), 0) AS credits,
            max(account_version) AS version
        FROM money.entries GROUP BY account_id
    ) AS e ON e.account_id = a.id
    WHERE (a.debits, a.credits, a.version)
        <> (coalesce(e.debits, 0)::bigint, coalesce(e.credits, 0)::bigint, coalesce(e.version, 0))
    UNION ALL
    SELECT 'I4 history', format('account %s breaks at version %s', account_id, account_version)
    FROM (
        SELECT
            e.account_id, e.account_version, e.balance_after, e.booked_at, lag(e.booked_at) OVER w AS before,
            row_number() OVER w AS expected_version,
            sum(money.change(e.side, a.normal_side, e.amount)) OVER w AS expected_balance
        FROM money.entries AS e JOIN money.accounts AS a ON a.id = e.account_id
        WINDOW w AS (PARTITION BY e.account_id ORDER BY e.account_version)
    ) AS history
    WHERE account_version <> expected_version OR balance_after <> expected_balance OR booked_at < before
    UNION ALL
    SELECT 'I1 transaction', format('transaction %s', t.id)
    FROM money.transactions AS t
    LEFT JOIN (
        SELECT transaction_id, sum(n) AS n, bool_and(total = 0) AS zero FROM (
            SELECT transaction_id, currency, count(*) AS n, sum(money.change(side, 'debit', amount)) AS total
            FROM money.sides GROUP BY transaction_id, currency
        ) AS each_currency GROUP BY transaction_id
    ) AS s ON s.transaction_id = t.id
    WHERE s.n IS DISTINCT FROM t.sides OR t.sides < 2 OR NOT s.zero
    UNION ALL
    SELECT 'I1 entry', format('an entry of account %s has no transaction %s', s.account_id, s.transaction_id)
    FROM money.sides AS s LEFT JOIN money.transactions AS t ON t.id = s.transaction_id WHERE t.id IS NULL
    UNION ALL
    SELECT 'I3 holds', format('account %s holds %s and not %s', a.id, a.held, coalesce(h.amount, 0))
    FROM money.accounts AS a
    LEFT JOIN (SELECT account_id, sum(amount) AS amount FROM money.holds WHERE NOT resolved GROUP BY account_id) AS h
        ON h.account_id = a.id
    WHERE a.held <> coalesce(h.amount, 0)
    UNION ALL
    SELECT 'I6 hold', format('hold %s is resolved in one place only', h.id)
    FROM money.holds AS h LEFT JOIN money.hold_resolutions AS r ON r.hold_id = h.id
    WHERE h.resolved <> (r.hold_id IS NOT NULL) OR r.amount > h.amount
    UNION ALL
    SELECT 'I7 returns', format('transaction %s', r.original_id)
    FROM money.returns AS r
    LEFT JOIN (
        -- A reversal gives the fee back too, which is no part of what the payee got.
        SELECT
            t.original_id, count(*) FILTER (WHERE t.kind = 'reversal') AS reversals,
            coalesce(sum(s.amount) FILTER (WHERE t.kind = 'refund'), 0) AS refunded
        FROM money.transactions AS t
        JOIN money.sides AS s ON s.transaction_id = t.id AND (t.kind = 'refund' AND s.side = 'debit' OR t.kind = 'reversal' AND s.side = 'credit')
        WHERE t.kind IN ('refund', 'reversal') GROUP BY t.original_id
    ) AS t ON t.original_id = r.original_id
    WHERE t.original_id IS NULL OR r.reversed <> (t.reversals > 0)
        OR r.returned <> CASE WHEN r.reversed THEN r.amount ELSE t.refunded END
    UNION ALL
    SELECT 'I8 key', format('key %s of %s has neither refusal nor effect', k.key, k.principal_id)
    FROM money.idempotency_keys AS k LEFT JOIN money.transactions AS t ON t.id = k.transaction_id
    WHERE k.outcome IS NULL AND t.id IS NULL
    UNION ALL
    SELECT 'I10 seals', format('transaction %s is neither sealed nor about to be', t.id)
    FROM money.transactions AS t
    WHERE NOT EXISTS (SELECT FROM money.seals AS s WHERE s.transaction_id = t.id)
        AND NOT EXISTS (SELECT FROM money.outbox AS o WHERE o.transaction_id = t.id);
$$;

-- All that analytics may see of money: amounts signed in the account's direction, people's accounts only.
CREATE VIEW money.entries_for_analytics AS
    SELECT
        e.account_id, a.owner_id, e.currency, c.exponent, t.kind::text AS kind,
        money.change(e.side, a.normal_side, e.amount) AS amount,
        e.balance_after, e.account_version, t.posted_at
    FROM money.entries AS e
    JOIN money.accounts AS a ON a.id = e.account_id
    JOIN money.transactions AS t ON t.id = e.transaction_id
    JOIN money.currencies AS c ON c.code = e.currency
    WHERE a.owner_id IS NOT NULL;
GRANT SELECT ON money.entries_for_analytics TO artel_analytics;
