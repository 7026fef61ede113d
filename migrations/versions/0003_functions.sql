-- The only way to write the ledger. Each call is one round trip and one effect per (principal, key).
-- A refusal that depends on state is returned and stored, never raised: a retry must not turn it into success.

-- The stored answer of a key, or null when the key is new and now claimed. A concurrent twin waits in the INSERT.
CREATE FUNCTION money.claim(p_principal uuid, p_key text, p_fingerprint bytea) RETURNS jsonb
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    stored money.idempotency_keys;
BEGIN
    INSERT INTO money.idempotency_keys (principal_id, key, fingerprint, outcome)
    VALUES (p_principal, p_key, p_fingerprint, '{}') ON CONFLICT DO NOTHING;
    IF FOUND THEN
        RETURN NULL;
    END IF;
    SELECT * INTO STRICT stored FROM money.idempotency_keys WHERE principal_id = p_principal AND key = p_key;
    IF stored.fingerprint <> p_fingerprint THEN
        RETURN jsonb_build_object('refused', 'IdempotencyKeyReused');
    END IF;
    RETURN stored.outcome || '{"replayed": true}';
END
$$;

CREATE FUNCTION money.remember(p_principal uuid, p_key text, p_outcome jsonb) RETURNS jsonb
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    UPDATE money.idempotency_keys SET outcome = p_outcome WHERE principal_id = p_principal AND key = p_key
    RETURNING outcome;
$$;

CREATE FUNCTION money.balance(a money.accounts) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE a.normal_side WHEN 'credit' THEN a.credits - a.debits ELSE a.debits - a.credits END;
$$;

-- Post a transaction of two entries. Both account rows are locked, in id order, and checked by the caller.
CREATE FUNCTION money.post_pair(
    p_kind text, p_description text, p_principal uuid, p_debit uuid, p_credit uuid, p_amount bigint
) RETURNS money.transactions
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    posted money.transactions;
BEGIN
    WITH moved AS (
        UPDATE money.accounts SET
            debits = debits + CASE id WHEN p_debit THEN p_amount ELSE 0 END,
            credits = credits + CASE id WHEN p_credit THEN p_amount ELSE 0 END,
            version = version + 1
        WHERE id IN (p_debit, p_credit)
        RETURNING accounts.*
    ), journal AS (
        INSERT INTO money.transactions (id, kind, description, created_by)
        VALUES (uuidv7(), p_kind, p_description, p_principal)
        RETURNING transactions.*
    ), posted_entries AS (
        INSERT INTO money.entries (account_id, account_version, transaction_id, currency, side, amount, balance_after)
        SELECT
            m.id, m.version, journal.id, m.currency,
            CASE m.id WHEN p_debit THEN 'debit' ELSE 'credit' END, p_amount,
            CASE m.normal_side WHEN 'credit' THEN m.credits - m.debits ELSE m.debits - m.credits END
        FROM moved AS m CROSS JOIN journal
    )
    SELECT * INTO STRICT posted FROM journal;
    RETURN posted;
END
$$;

CREATE FUNCTION money.open_account(p_principal uuid, p_key text, p_fingerprint bytea, p_currency text, p_name text)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    outcome jsonb := money.claim(p_principal, p_key, p_fingerprint);
    opened uuid;
BEGIN
    IF outcome IS NOT NULL THEN
        RETURN outcome;
    END IF;
    IF NOT EXISTS (SELECT FROM money.currencies WHERE code = p_currency) THEN
        RETURN money.remember(p_principal, p_key, '{"refused": "UnknownCurrency"}');
    END IF;
    INSERT INTO money.accounts (owner_id, name, currency, normal_side, overdraft)
    VALUES (p_principal, p_name, p_currency, 'credit', 0) RETURNING id INTO opened;
    RETURN money.remember(p_principal, p_key, jsonb_build_object('account_id', opened));
END
$$;

CREATE FUNCTION money.transfer(
    p_principal uuid, p_key text, p_fingerprint bytea,
    p_from uuid, p_to uuid, p_amount bigint, p_currency text, p_description text
) RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    outcome jsonb := money.claim(p_principal, p_key, p_fingerprint);
    source money.accounts;
    target money.accounts;
    posted money.transactions;
    refused text;
BEGIN
    IF outcome IS NOT NULL THEN
        RETURN outcome;
    END IF;
    -- In id order, so that opposite transfers wait for each other and never deadlock.
    PERFORM FROM money.accounts WHERE id IN (p_from, p_to) ORDER BY id FOR NO KEY UPDATE;
    SELECT * INTO source FROM money.accounts WHERE id = p_from AND owner_id = p_principal;
    SELECT * INTO target FROM money.accounts WHERE id = p_to AND owner_id IS NOT NULL;
    refused := CASE
        WHEN source.id IS NULL THEN 'AccountNotFound'
        WHEN target.id IS NULL THEN 'RecipientNotFound'
        WHEN source.id = target.id THEN 'SameAccount'
        WHEN source.currency <> p_currency OR target.currency <> p_currency THEN 'CurrencyMismatch'
        WHEN money.balance(source) - source.held + source.overdraft < p_amount THEN 'InsufficientFunds'
        WHEN money.balance(target) > 9007199254740991 - p_amount THEN 'BalanceTooLarge'
    END;
    IF refused IS NOT NULL THEN
        RETURN money.remember(p_principal, p_key, jsonb_build_object('refused', refused));
    END IF;
    posted := money.post_pair('transfer', p_description, p_principal, p_from, p_to, p_amount);
    RETURN money.remember(p_principal, p_key, jsonb_build_object('transaction_id', posted.id));
END
$$;

-- A deposit from the sandbox provider: its clearing account is what the provider owes us.
CREATE FUNCTION money.deposit(
    p_principal uuid, p_key text, p_fingerprint bytea, p_account uuid, p_amount bigint, p_currency text
) RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    outcome jsonb := money.claim(p_principal, p_key, p_fingerprint);
    clearing uuid;
    target money.accounts;
    posted money.transactions;
    refused text;
BEGIN
    IF outcome IS NOT NULL THEN
        RETURN outcome;
    END IF;
    SELECT * INTO target FROM money.accounts WHERE id = p_account AND owner_id = p_principal;
    refused := CASE
        WHEN target.id IS NULL THEN 'AccountNotFound'
        WHEN target.currency <> p_currency THEN 'CurrencyMismatch'
    END;
    IF refused IS NULL THEN
        clearing := money.clearing_account('sandbox', p_currency);
        PERFORM FROM money.accounts WHERE id IN (clearing, p_account) ORDER BY id FOR NO KEY UPDATE;
        SELECT * INTO target FROM money.accounts WHERE id = p_account;
        IF money.balance(target) > 9007199254740991 - p_amount THEN
            refused := 'BalanceTooLarge';
        END IF;
    END IF;
    IF refused IS NOT NULL THEN
        RETURN money.remember(p_principal, p_key, jsonb_build_object('refused', refused));
    END IF;
    posted := money.post_pair('deposit', 'sandbox', p_principal, clearing, p_account, p_amount);
    RETURN money.remember(p_principal, p_key, jsonb_build_object('transaction_id', posted.id));
END
$$;

CREATE FUNCTION money.clearing_account(p_provider text, p_currency text) RETURNS uuid
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    p_code text := format('clearing:%s:%s', p_provider, p_currency);
    found_id uuid;
BEGIN
    SELECT id INTO found_id FROM money.accounts WHERE code = p_code;
    IF found_id IS NULL THEN
        INSERT INTO money.accounts (code, name, currency, normal_side)
        VALUES (p_code, p_code, p_currency, 'debit') ON CONFLICT DO NOTHING;
        SELECT id INTO STRICT found_id FROM money.accounts WHERE code = p_code;
    END IF;
    RETURN found_id;
END
$$;
