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

-- As in 0008_sealing.sql, but for the positions: what is told of transactions is announced at once.
CREATE OR REPLACE FUNCTION money.publish(p_most integer, OUT sealed integer, OUT last_position bigint, OUT last_hash bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    ids uuid [];
    one money.transactions;
    made record;
BEGIN
    sealed := 0;
    IF NOT pg_try_advisory_xact_lock(hashtextextended('money.publish', 0)) THEN
        RETURN;
    END IF;
    SELECT position, hash INTO last_position, last_hash FROM money.seals ORDER BY position DESC LIMIT 1;
    last_position := coalesce(last_position, 0);
    last_hash := coalesce(last_hash, '');
    WITH taken AS (
        DELETE FROM money.outbox WHERE ctid = ANY (ARRAY(SELECT ctid FROM money.outbox LIMIT p_most))
        RETURNING transaction_id
    )
    SELECT array_agg(transaction_id ORDER BY transaction_id) INTO ids FROM taken;
    FOR one IN SELECT t.* FROM money.transactions AS t WHERE t.id = ANY (ids) ORDER BY t.id LOOP
        made := money.digest(one);
        sealed := sealed + 1;
        last_position := last_position + 1;
        last_hash := money.chain(last_hash, made.own, made.digests);
        INSERT INTO money.seals (position, transaction_id, accounts, digests, hash)
        VALUES (last_position, one.id, made.accounts, made.digests, last_hash);
    END LOOP;
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
        WHERE t.id = ANY (ids) AND a.owner_id IS NOT NULL ORDER BY t.id, s.side
    ) AS told;
END
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

REVOKE ALL ON FUNCTION money.announce FROM PUBLIC;
GRANT EXECUTE ON FUNCTION money.announce TO artel_money;
