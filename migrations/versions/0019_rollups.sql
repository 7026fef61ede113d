-- What money offers analytics: whose account it is, and what each transaction did to each account. Sealing gives transactions
-- positions without gaps, one at a time, so whoever has counted all up to a position has missed none. What is posted and not
-- sealed yet stands behind all of them. Amounts are in the account's normal direction: positive came in.
CREATE VIEW money.accounts_for_analytics AS
    SELECT a.id, a.owner_id, a.code, a.currency, c.exponent
    FROM money.accounts AS a JOIN money.currencies AS c ON c.code = a.currency;

CREATE VIEW money.moves_for_analytics AS
    SELECT
        q.position, s.account_id, t.kind::text AS kind, (t.posted_at AT TIME ZONE 'UTC')::date AS day,
        money.change(s.side, a.normal_side, s.amount) AS amount
    FROM (
        SELECT position, transaction_id FROM money.seals
        UNION ALL
        SELECT 9223372036854775807, transaction_id FROM money.outbox
    ) AS q
    JOIN money.transactions AS t ON t.id = q.transaction_id
    JOIN money.sides AS s ON s.transaction_id = t.id
    JOIN money.accounts AS a ON a.id = s.account_id;

DROP VIEW money.entries_for_analytics;
GRANT SELECT ON money.accounts_for_analytics, money.moves_for_analytics TO artel_analytics;
GRANT SELECT (position) ON money.seals TO artel_analytics;

CREATE TABLE analytics.money_daily (
    account_id uuid,
    day date,
    kind text,
    entries bigint NOT NULL,
    inflow bigint NOT NULL,
    outflow bigint NOT NULL,
    CONSTRAINT pk_money_daily PRIMARY KEY (account_id, day, kind)
);
CREATE INDEX ix_money_daily_day ON analytics.money_daily (day);

-- One line: the position up to which all is counted in money_daily.
CREATE TABLE analytics.money_rolled (
    one boolean DEFAULT true CONSTRAINT pk_money_rolled PRIMARY KEY CONSTRAINT ck_money_rolled_one CHECK (one),
    position bigint NOT NULL
);
INSERT INTO analytics.money_rolled (position) VALUES (0);
GRANT SELECT, INSERT, UPDATE ON analytics.money_daily TO artel_analytics;
GRANT SELECT, UPDATE ON analytics.money_rolled TO artel_analytics;

-- Counts up to p_most more transactions. The position goes with the sums in one transaction, so each is counted once; a second
-- caller at the same time does nothing. Returns how many.
CREATE FUNCTION analytics.roll_up(p_most integer) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    done bigint;
    until bigint;
BEGIN
    SELECT position INTO done FROM analytics.money_rolled FOR UPDATE SKIP LOCKED;
    SELECT max(position) INTO until
    FROM (SELECT position FROM money.seals WHERE position > done ORDER BY position LIMIT p_most) AS next;
    IF until IS NULL THEN
        RETURN 0;
    END IF;
    INSERT INTO analytics.money_daily AS d (account_id, day, kind, entries, inflow, outflow)
    SELECT account_id, day, kind, count(*), sum(greatest(amount, 0)), sum(greatest(-amount, 0))
    FROM money.moves_for_analytics WHERE position > done AND position <= until GROUP BY account_id, day, kind
    ON CONFLICT (account_id, day, kind) DO UPDATE SET
        entries = d.entries + excluded.entries, inflow = d.inflow + excluded.inflow, outflow = d.outflow + excluded.outflow;
    UPDATE analytics.money_rolled SET position = until;
    RETURN until - done;
END
$$;
REVOKE ALL ON FUNCTION analytics.roll_up FROM PUBLIC;
GRANT EXECUTE ON FUNCTION analytics.roll_up TO artel_analytics;

-- What is not counted yet, which is never much: found by the seals' positions, whatever the planner makes of a position that it
-- does not know. It would read all entries of the account rather.
CREATE FUNCTION analytics.moves_since(p_position bigint)
RETURNS TABLE (account_id uuid, day date, kind text, amount bigint)
LANGUAGE plpgsql STABLE ROWS 100 SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
    RETURN QUERY SELECT m.account_id, m.day, m.kind, m.amount FROM money.moves_for_analytics AS m WHERE m.position > p_position;
END
$$;
REVOKE ALL ON FUNCTION analytics.moves_since FROM PUBLIC;
GRANT EXECUTE ON FUNCTION analytics.moves_since TO artel_analytics;

-- Where the sums differ from the ledger, up to the position that they have come to: nowhere. It reads the whole ledger.
CREATE VIEW analytics.money_differences AS
    SELECT account_id, day, kind
    FROM (
        SELECT account_id, day, kind, count(*) AS entries, sum(greatest(amount, 0)) AS inflow, sum(greatest(-amount, 0)) AS outflow
        FROM money.moves_for_analytics WHERE position <= (SELECT position FROM analytics.money_rolled)
        GROUP BY account_id, day, kind
    ) AS ledger
    FULL JOIN analytics.money_daily AS counted USING (account_id, day, kind)
    WHERE (ledger.entries, ledger.inflow, ledger.outflow) IS DISTINCT FROM (counted.entries, counted.inflow, counted.outflow);
GRANT SELECT ON analytics.money_differences TO artel_analytics;
