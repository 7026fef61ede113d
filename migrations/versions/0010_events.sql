-- The order in which events become known. An id is made when an event is written, and what was written first may be committed
-- last: who asks for everything after an id would miss some. Positions are given by one at a time, who commits before the next
-- one gives any, so nothing ever appears before a position that somebody has seen. null: not announced yet.
ALTER TABLE money.events ADD COLUMN position bigint CONSTRAINT uq_events_position UNIQUE;
CREATE SEQUENCE money.event_positions AS bigint OWNED BY money.events.position;
UPDATE money.events AS e SET position = o.position
FROM (SELECT id, nextval('money.event_positions') AS position FROM (SELECT id FROM money.events ORDER BY id) AS old) AS o
WHERE o.id = e.id;
DROP INDEX money.ix_events_owner_id_id;
CREATE INDEX ix_events_owner_id_position ON money.events (owner_id, position);
CREATE INDEX ix_events_id ON money.events (id) WHERE position IS NULL;

-- Tells whom it concerns what was posted. It has positions at once: money.publish, which calls it, goes one at a time.
CREATE FUNCTION money.tell_of(p_ids uuid []) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO money.events (owner_id, type, data, position)
    SELECT told.owner_id, told.type, told.data, nextval('money.event_positions')
    FROM (
        SELECT
            a.owner_id, t.kind || CASE s.side WHEN 'debit' THEN '.sent' ELSE '.received' END AS type,
            jsonb_build_object(
                'transaction_id', t.id, 'account_id', a.id, 'amount', s.amount, 'currency', s.currency,
                'posted_at', t.posted_at
            ) AS data
        FROM money.transactions AS t
        JOIN money.sides AS s ON s.transaction_id = t.id
        JOIN money.accounts AS a ON a.id = s.account_id
        WHERE t.id = ANY (p_ids) AND a.owner_id IS NOT NULL ORDER BY t.id, s.side
    ) AS told;
$$;

-- Gives positions to what money.tell has told since. It takes turns with money.publish. Returns how many events.
CREATE FUNCTION money.announce(p_most integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    announced integer;
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtextextended('money.publish', 0)) THEN
        RETURN 0;
    END IF;
    UPDATE money.events AS e SET position = n.position
    FROM (
        SELECT id, nextval('money.event_positions') AS position
        FROM (SELECT id FROM money.events WHERE position IS NULL ORDER BY id LIMIT p_most) AS waiting
    ) AS n
    WHERE n.id = e.id;
    GET DIAGNOSTICS announced = ROW_COUNT;
    RETURN announced;
END
$$;

REVOKE ALL ON FUNCTION money.announce, money.tell_of FROM PUBLIC;
GRANT EXECUTE ON FUNCTION money.announce TO artel_money;
