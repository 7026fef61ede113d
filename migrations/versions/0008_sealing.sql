-- I10. What a seal is made of: the transaction but for its words, which may be erased, and a digest for each entry. An entry's
-- place in its account's history is not part of it: a hot account gives it later.
CREATE FUNCTION money.digest(
    p_transaction money.transactions, OUT own bytea, OUT accounts uuid [], OUT digests bytea []
) LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    own := sha256(convert_to(concat_ws(
        '|', p_transaction.id, p_transaction.kind, p_transaction.created_by, p_transaction.original_id, p_transaction.sides,
        (extract(epoch FROM p_transaction.posted_at) * 1000000)::bigint
    ), 'UTF8'));
    SELECT
        coalesce(array_agg(s.account_id ORDER BY s.account_id), '{}'),
        coalesce(array_agg(
            sha256(convert_to(concat_ws('|', s.account_id, s.side, s.currency, s.amount), 'UTF8')) ORDER BY s.account_id
        ), '{}')
    INTO accounts, digests FROM money.sides AS s WHERE s.transaction_id = p_transaction.id;
END
$$;

CREATE FUNCTION money.chain(p_before bytea, p_own bytea, p_digests bytea []) RETURNS bytea
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT sha256(p_before || p_own || coalesce(string_agg(d, '' ORDER BY n), ''))
    FROM unnest(p_digests) WITH ORDINALITY AS x (d, n);
$$;

-- Seals what was posted, and tells whom it concerns. One at a time; a second one does nothing. Whatever is committed by now
-- and not sealed yet is taken, in whatever order it was committed. Returns how many transactions, and the end of the chain.
CREATE FUNCTION money.publish(p_most integer, OUT sealed integer, OUT last_position bigint, OUT last_hash bytea)
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
    INSERT INTO money.events (owner_id, type, data)
    SELECT
        a.owner_id, t.kind || CASE s.side WHEN 'debit' THEN '.sent' ELSE '.received' END,
        jsonb_build_object(
            'transaction_id', t.id, 'account_id', a.id, 'amount', s.amount, 'currency', s.currency, 'posted_at', t.posted_at
        )
    FROM money.transactions AS t
    JOIN money.sides AS s ON s.transaction_id = t.id
    JOIN money.accounts AS a ON a.id = s.account_id
    WHERE t.id = ANY (ids) AND a.owner_id IS NOT NULL ORDER BY t.id, s.side;
END
$$;

-- Looks through the chain from a position on and stops at the first that is wrong. `checked_to` is the last position it has
-- looked at, `head` the hash there. Who has kept an older head can tell that the end was not cut off.
CREATE FUNCTION money.verify_seals(
    p_from bigint, p_most integer,
    OUT checked_to bigint, OUT head bytea, OUT wrong text, OUT transaction_id uuid, OUT account_id uuid
) LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    seal money.seals;
    found_transaction money.transactions;
    made record;
BEGIN
    checked_to := p_from - 1;
    head := coalesce((SELECT hash FROM money.seals WHERE position = p_from - 1), '');
    IF p_from > 1 AND head = '' THEN
        wrong := format('seal %s is missing', p_from - 1);
        RETURN;
    END IF;
    FOR seal IN SELECT * FROM money.seals WHERE position >= p_from ORDER BY position LIMIT p_most LOOP
        IF seal.position <> checked_to + 1 THEN
            wrong := format('seal %s is missing', checked_to + 1);
            RETURN;
        END IF;
        checked_to := seal.position;
        SELECT t.* INTO found_transaction FROM money.transactions AS t WHERE t.id = seal.transaction_id;
        made := money.digest(found_transaction);
        transaction_id := seal.transaction_id;
        IF found_transaction.id IS NULL THEN
            wrong := format('transaction %s was deleted', seal.transaction_id);
            RETURN;
        END IF;
        SELECT
            coalesce(was.account, now_is.account),
            CASE
                WHEN now_is.account IS NULL THEN format('the entry of account %s in transaction %s was deleted', was.account, seal.transaction_id)
                WHEN was.account IS NULL THEN format('an entry of account %s was added to transaction %s', now_is.account, seal.transaction_id)
                ELSE format('the entry of account %s in transaction %s was altered', was.account, seal.transaction_id)
            END
        INTO account_id, wrong
        FROM unnest(seal.accounts, seal.digests) AS was (account, digest)
        FULL JOIN unnest(made.accounts, made.digests) AS now_is (account, digest) USING (account)
        WHERE was.digest IS DISTINCT FROM now_is.digest LIMIT 1;
        IF FOUND THEN
            RETURN;
        ELSIF money.chain(head, made.own, made.digests) <> seal.hash THEN
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
