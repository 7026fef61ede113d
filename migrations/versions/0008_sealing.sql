-- I10. What a seal is made of: the transaction but for its words, which may be erased, and a digest for each entry, in order of
-- account. An entry's place in its account's history is not part of it: a hot account gives it later. `body` is both, in one.
CREATE FUNCTION money.digests(p_ids uuid []) RETURNS TABLE (
    transaction_id uuid, accounts uuid [], digests bytea [], body bytea
) LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
    SELECT t.id, coalesce(s.accounts, '{}'), coalesce(s.digests, '{}'), sha256(convert_to(concat_ws(
        '|', t.id, t.kind, t.created_by, t.original_id, t.sides, (extract(epoch FROM t.posted_at) * 1000000)::bigint
    ), 'UTF8')) || coalesce(s.body, '')
    FROM money.transactions AS t
    CROSS JOIN LATERAL (
        SELECT
            array_agg(d.account_id) AS accounts, array_agg(d.digest) AS digests, string_agg(d.digest, '') AS body
        FROM (
            SELECT account_id, sha256(convert_to(concat_ws('|', account_id, side, currency, amount), 'UTF8')) AS digest
            FROM money.sides WHERE transaction_id = t.id ORDER BY account_id
        ) AS d
    ) AS s
    WHERE t.id = ANY (p_ids)
$$;

CREATE FUNCTION money.link(p_hash bytea, p_first bytea, p_body bytea) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN sha256(coalesce(p_hash, p_first) || p_body);
END
$$;
-- The hash of the seal before the first one, and the bodies one after the other: the hash of the last one's seal.
CREATE AGGREGATE money.chain(p_first bytea, p_body bytea) (SFUNC = money.link, STYPE = bytea);

-- Seals what was posted, and tells whom it concerns. One at a time; a second one does nothing. Whatever is committed by now
-- and not sealed yet is taken, in whatever order it was committed. Returns how many transactions, and the end of the chain.
CREATE FUNCTION money.publish(p_most integer, OUT sealed integer, OUT last_position bigint, OUT last_hash bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    ids uuid [];
BEGIN
    sealed := 0;
    IF NOT pg_try_advisory_xact_lock(hashtextextended('money.publish', 0)) THEN
        RETURN;
    END IF;
    SELECT position, hash INTO last_position, last_hash FROM money.seals ORDER BY position DESC LIMIT 1;
    WITH taken AS (
        DELETE FROM money.outbox WHERE ctid = ANY (ARRAY(SELECT ctid FROM money.outbox LIMIT p_most))
        RETURNING transaction_id
    )
    SELECT array_agg(transaction_id) INTO ids FROM taken;
    IF ids IS NULL THEN
        RETURN;
    END IF;
    INSERT INTO money.seals (position, transaction_id, accounts, digests, hash)
    SELECT
        coalesce(last_position, 0) + row_number() OVER w, d.transaction_id, d.accounts, d.digests,
        money.chain(coalesce(last_hash, ''), d.body) OVER w
    FROM money.digests(ids) AS d WINDOW w AS (ORDER BY d.transaction_id);
    GET DIAGNOSTICS sealed = ROW_COUNT;
    SELECT position, hash INTO last_position, last_hash FROM money.seals ORDER BY position DESC LIMIT 1;
    PERFORM money.tell_of(ids);  -- 0010_events.sql
END
$$;

-- Looks through the chain from a position on and stops at the first that is wrong. `checked_to` is the last position it has
-- looked at, `head` the hash there. Who has kept an older head can tell that the end was not cut off.
CREATE FUNCTION money.verify_seals(
    p_from bigint, p_most integer,
    OUT checked_to bigint, OUT head bytea, OUT wrong text, OUT transaction_id uuid, OUT account_id uuid
) LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET enable_seqscan = off AS $$
DECLARE
    seal record;
BEGIN
    checked_to := p_from - 1;
    head := coalesce((SELECT hash FROM money.seals WHERE position = p_from - 1), '');
    IF p_from > 1 AND head = '' THEN
        wrong := format('seal %s is missing', p_from - 1);
        RETURN;
    END IF;
    FOR seal IN
        WITH looked_at AS MATERIALIZED (
            SELECT * FROM money.seals WHERE position >= p_from ORDER BY position LIMIT p_most
        )
        SELECT s.*, d.body, d.accounts AS now_accounts, d.digests AS now_digests
        FROM looked_at AS s
        LEFT JOIN money.digests(ARRAY(SELECT l.transaction_id FROM looked_at AS l)) AS d
            ON d.transaction_id = s.transaction_id
        ORDER BY s.position
    LOOP
        IF seal.position <> checked_to + 1 THEN
            wrong := format('seal %s is missing', checked_to + 1);
            RETURN;
        END IF;
        checked_to := seal.position;
        transaction_id := seal.transaction_id;
        IF seal.body IS NULL THEN
            wrong := format('transaction %s was deleted', seal.transaction_id);
            RETURN;
        END IF;
        IF (seal.accounts, seal.digests) IS DISTINCT FROM (seal.now_accounts, seal.now_digests) THEN
            SELECT
                coalesce(was.account, now_is.account),
                CASE
                    WHEN now_is.account IS NULL THEN format('the entry of account %s in transaction %s was deleted', was.account, seal.transaction_id)
                    WHEN was.account IS NULL THEN format('an entry of account %s was added to transaction %s', now_is.account, seal.transaction_id)
                    ELSE format('the entry of account %s in transaction %s was altered', was.account, seal.transaction_id)
                END
            INTO account_id, wrong
            FROM unnest(seal.accounts, seal.digests) AS was (account, digest)
            FULL JOIN unnest(seal.now_accounts, seal.now_digests) AS now_is (account, digest) USING (account)
            WHERE was.digest IS DISTINCT FROM now_is.digest LIMIT 1;
            RETURN;
        ELSIF sha256(head || seal.body) <> seal.hash THEN
            wrong := format('transaction %s or its seal was altered', seal.transaction_id);
            RETURN;
        END IF;
        head := seal.hash;
    END LOOP;
    transaction_id := NULL;
END
$$;

-- What was posted before there were seals.
INSERT INTO money.outbox (transaction_id) SELECT id FROM money.transactions;
