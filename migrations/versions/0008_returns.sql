-- Giving back. Order of locks: the key, the accounts, the line in money.returns.

-- The person's legs of what may be given back: who paid, who got how much of it. None for any other transaction.
CREATE FUNCTION money.returnable(
    p_transaction uuid, OUT payer_account uuid, OUT payee_account uuid, OUT payee uuid, OUT amount bigint, OUT currency text
) LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT d.account_id, c.account_id, a.owner_id, c.amount, c.currency
    FROM money.transactions AS t
    JOIN money.sides AS d ON d.transaction_id = t.id AND d.side = 'debit'
    JOIN money.sides AS c ON c.transaction_id = t.id AND c.side = 'credit'
    JOIN money.accounts AS a ON a.id = c.account_id
    WHERE t.id = p_transaction AND t.kind IN ('transfer', 'capture') AND a.owner_id IS NOT NULL;
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
    id CONSTANT uuid := uuidv7();
    refused text;
BEGIN
    IF outcome IS NOT NULL THEN
        RETURN outcome;
    END IF;
    SELECT * INTO original FROM money.returnable(p_transaction);
    IF original.payee IS DISTINCT FROM p_principal THEN
        RETURN money.refuse(p_principal, p_key, 'TransferNotFound');
    END IF;
    PERFORM FROM money.accounts WHERE accounts.id IN (original.payer_account, original.payee_account)
    ORDER BY accounts.id FOR NO KEY UPDATE;
    SELECT * INTO already FROM money.returns WHERE original_id = p_transaction FOR UPDATE;
    rest := original.amount - coalesce(already.returned, 0);
    refused := CASE
        WHEN already.reversed THEN 'AlreadyReversed'
        WHEN rest = 0 OR p_amount > rest THEN 'RefundTooLarge'
    END;
    IF refused IS NULL THEN
        rest := coalesce(p_amount, rest);
        refused := (money.post(
            ARRAY[p_principal], ARRAY[id], ARRAY['refund']::money.transaction_kind [], ARRAY[p_description],
            ARRAY[p_transaction], ARRAY[1, 1], ARRAY[original.payee_account, original.payer_account],
            ARRAY['debit', 'credit']::money.side [], ARRAY[rest, rest], ARRAY[original.currency, original.currency],
            ARRAY[p_principal, NULL], ARRAY[0::bigint, 0]
        ))[1];
    END IF;
    IF refused IS NOT NULL THEN
        RETURN money.refuse(p_principal, p_key, refused);
    END IF;
    INSERT INTO money.returns AS r (original_id, amount, returned) VALUES (p_transaction, original.amount, rest)
    ON CONFLICT (original_id) DO UPDATE SET returned = r.returned + rest;
    RETURN money.remember(p_principal, p_key, jsonb_build_object('transaction_id', id));
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
    id CONSTANT uuid := uuidv7();
    refused text;
BEGIN
    IF outcome IS NOT NULL THEN
        RETURN outcome;
    END IF;
    SELECT * INTO original FROM money.returnable(p_transaction);
    IF original.payee IS NULL OR NOT p_any AND original.payee <> p_principal THEN
        RETURN money.refuse(p_principal, p_key, 'TransferNotFound');
    END IF;
    PERFORM FROM money.accounts WHERE accounts.id IN (original.payer_account, original.payee_account)
    ORDER BY accounts.id FOR NO KEY UPDATE;
    SELECT * INTO already FROM money.returns WHERE original_id = p_transaction FOR UPDATE;
    refused := CASE WHEN already.reversed THEN 'AlreadyReversed' WHEN already.returned > 0 THEN 'AlreadyRefunded' END;
    IF refused IS NULL THEN
        SELECT
            array_agg(1) AS ns, array_agg(s.account_id) AS accounts, array_agg(s.amount) AS amounts,
            array_agg(s.currency) AS currencies, array_agg(0::bigint) AS releases,
            array_agg(CASE s.side WHEN 'debit' THEN 'credit'::money.side ELSE 'debit' END) AS sides,
            array_agg(CASE WHEN NOT p_any AND s.account_id = original.payee_account THEN p_principal END) AS owners
        INTO legs
        FROM (
            -- Who got it first: of two reasons against it, theirs is told, and always the same.
            SELECT * FROM money.sides WHERE transaction_id = p_transaction
            ORDER BY account_id <> original.payee_account, account_id
        ) AS s;
        refused := (money.post(
            ARRAY[p_principal], ARRAY[id], ARRAY['reversal']::money.transaction_kind [], ARRAY[p_description],
            ARRAY[p_transaction], legs.ns, legs.accounts, legs.sides, legs.amounts, legs.currencies, legs.owners,
            legs.releases
        ))[1];
    END IF;
    IF refused IS NOT NULL THEN
        RETURN money.refuse(p_principal, p_key, refused);
    END IF;
    INSERT INTO money.returns (original_id, amount, returned, reversed)
    VALUES (p_transaction, original.amount, original.amount, true);
    IF p_any THEN
        PERFORM money.note(p_principal, 'transfer.reversed', p_transaction, p_description);
    END IF;
    RETURN money.remember(p_principal, p_key, jsonb_build_object('transaction_id', id));
END
$$;
