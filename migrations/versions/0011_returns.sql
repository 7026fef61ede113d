-- Giving back. A transfer to an address that was claimed is given back as if it had gone to who claimed it, under its own id or
-- the claim's, so that its sender cannot tell when that was. One that still waits can be taken back by an administrator. The
-- transfer has a lock, taken before any account: whoever gives it back, claims it, or returns it because its time is over,
-- takes the same one.

-- The person's legs of what may be given back: who paid, who got how much of it. None for any other transaction.
CREATE FUNCTION money.returnable(
    p_transaction uuid, OUT original_id uuid, OUT payer_account uuid, OUT payee_account uuid, OUT payee uuid,
    OUT amount bigint, OUT currency text
) LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT t.id, d.account_id, c.account_id, a.owner_id, c.amount, c.currency
    FROM money.transactions AS t
    LEFT JOIN money.claims AS m ON m.transfer_id = t.id AND m.status IN ('waiting', 'claimed')
    JOIN money.sides AS d ON d.transaction_id = t.id AND d.side = 'debit'
    JOIN money.sides AS c ON c.transaction_id = coalesce(m.transaction_id, t.id) AND c.side = 'credit'
    JOIN money.accounts AS a ON a.id = c.account_id
    WHERE t.id = coalesce(
        (SELECT k.original_id FROM money.transactions AS k WHERE k.id = p_transaction AND k.kind = 'claim'), p_transaction
    ) AND t.kind IN ('transfer', 'capture')
        AND (a.owner_id IS NOT NULL OR m.status = 'waiting' AND a.code = 'unclaimed:' || c.currency);
$$;

CREATE FUNCTION money.lock_return(p_transaction uuid) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    SELECT pg_advisory_xact_lock(money.lock_of_claim(coalesce(
        (SELECT original_id FROM money.transactions WHERE id = p_transaction AND kind = 'claim'), p_transaction
    )));
$$;

-- A part or all of it, by who got it. The fee stays paid. p_amount null: what is left of it.
CREATE FUNCTION money.refund(
    p_principal uuid, p_key text, p_fingerprint bytea, p_transaction uuid, p_amount bigint, p_description text
) RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    outcome jsonb := money.claim(p_principal, p_key, p_fingerprint);
    original record;
    already money.returns;
    rest bigint;
    made CONSTANT uuid := uuidv7();
    refused text;
BEGIN
    IF outcome IS NOT NULL THEN
        RETURN outcome;
    END IF;
    PERFORM money.lock_return(p_transaction);
    SELECT * INTO original FROM money.returnable(p_transaction);
    IF original.payee IS DISTINCT FROM p_principal THEN
        RETURN money.refuse(p_principal, p_key, 'TransferNotFound');
    END IF;
    SELECT * INTO already FROM money.returns WHERE original_id = original.original_id;
    rest := original.amount - coalesce(already.returned, 0);
    refused := CASE
        WHEN already.reversed THEN 'AlreadyReversed'
        WHEN rest = 0 OR p_amount > rest THEN 'RefundTooLarge'
    END;
    IF refused IS NULL THEN
        rest := coalesce(p_amount, rest);
        refused := (money.post(
            ARRAY[p_principal], ARRAY[made], ARRAY['refund']::money.transaction_kind [], ARRAY[p_description],
            ARRAY[original.original_id], ARRAY[1, 1], ARRAY[original.payee_account, original.payer_account],
            ARRAY['debit', 'credit']::money.side [], ARRAY[rest, rest], ARRAY[original.currency, original.currency],
            ARRAY[p_principal, NULL], ARRAY[0::bigint, 0]
        ))[1];
    END IF;
    IF refused IS NOT NULL THEN
        RETURN money.refuse(p_principal, p_key, refused);
    END IF;
    INSERT INTO money.returns AS r (original_id, amount, returned) VALUES (original.original_id, original.amount, rest)
    ON CONFLICT (original_id) DO UPDATE SET returned = r.returned + rest;
    RETURN money.remember(p_principal, p_key, jsonb_build_object('transaction_id', made));
END
$$;

-- The whole of it with its fee, once: by who got it, or by an administrator (p_any).
CREATE FUNCTION money.reverse(
    p_principal uuid, p_key text, p_fingerprint bytea, p_transaction uuid, p_description text, p_any boolean DEFAULT false
) RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    outcome jsonb := money.claim(p_principal, p_key, p_fingerprint);
    original record;
    already money.returns;
    legs record;
    made CONSTANT uuid := uuidv7();
    refused text;
BEGIN
    IF outcome IS NOT NULL THEN
        RETURN outcome;
    END IF;
    PERFORM money.lock_return(p_transaction);
    SELECT * INTO original FROM money.returnable(p_transaction);
    IF original.original_id IS NULL OR NOT p_any AND original.payee IS DISTINCT FROM p_principal THEN
        RETURN money.refuse(p_principal, p_key, 'TransferNotFound');
    END IF;
    SELECT * INTO already FROM money.returns WHERE original_id = original.original_id;
    refused := CASE WHEN already.reversed THEN 'AlreadyReversed' WHEN already.returned > 0 THEN 'AlreadyRefunded' END;
    IF refused IS NULL THEN
        SELECT
            array_agg(1) AS ns, array_agg(l.account) AS accounts, array_agg(l.amount) AS amounts,
            array_agg(l.currency) AS currencies, array_agg(0::bigint) AS releases,
            array_agg(CASE l.side WHEN 'debit' THEN 'credit'::money.side ELSE 'debit' END) AS sides,
            array_agg(CASE WHEN NOT p_any AND l.account = original.payee_account THEN p_principal END) AS owners
        INTO legs
        FROM (
            SELECT
                CASE a.code WHEN 'unclaimed:' || s.currency THEN original.payee_account ELSE s.account_id END AS account,
                s.side, s.amount, s.currency
            FROM money.sides AS s JOIN money.accounts AS a ON a.id = s.account_id
            WHERE s.transaction_id = original.original_id
            -- Who got it first: of two reasons against it, theirs is told, and always the same.
            ORDER BY s.side = 'debit', coalesce(a.code LIKE 'fees:%', false), s.account_id
        ) AS l;
        refused := (money.post(
            ARRAY[p_principal], ARRAY[made], ARRAY['reversal']::money.transaction_kind [], ARRAY[p_description],
            ARRAY[original.original_id], legs.ns, legs.accounts, legs.sides, legs.amounts, legs.currencies, legs.owners,
            legs.releases
        ))[1];
    END IF;
    IF refused IS NOT NULL THEN
        RETURN money.refuse(p_principal, p_key, refused);
    END IF;
    INSERT INTO money.returns (original_id, amount, returned, reversed)
    VALUES (original.original_id, original.amount, original.amount, true);
    UPDATE money.claims SET status = 'reversed', transaction_id = made
    WHERE transfer_id = original.original_id AND status = 'waiting';
    IF p_any THEN
        PERFORM money.note(p_principal, 'transfer.reversed', original.original_id, p_description);
    END IF;
    RETURN money.remember(p_principal, p_key, jsonb_build_object('transaction_id', made));
END
$$;

REVOKE ALL ON FUNCTION money.refund, money.reverse FROM PUBLIC;
GRANT EXECUTE ON FUNCTION money.refund, money.reverse TO artel_money;
