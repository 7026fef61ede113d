-- What is held is not available to its owner until it is captured, voided or past its time. Order of locks: the key, what was
-- spent, the accounts, the hold.

-- The account is locked by the caller. Returns what became free.
CREATE FUNCTION money.expire_holds(p_account uuid) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    freed bigint;
BEGIN
    WITH over AS (
        UPDATE money.holds SET resolved = true
        WHERE account_id = p_account AND NOT resolved AND expires_at <= clock_timestamp() RETURNING *
    ), resolutions AS (
        INSERT INTO money.hold_resolutions (hold_id, kind) SELECT id, 'expired' FROM over
    ), told AS (
        INSERT INTO money.events (owner_id, type, data)
        SELECT DISTINCT a.owner_id, 'hold.expired', jsonb_build_object('hold_id', o.id)
        FROM over AS o JOIN money.accounts AS a ON a.id IN (o.account_id, o.payee_account_id)
        WHERE a.owner_id IS NOT NULL
    )
    SELECT coalesce(sum(amount), 0) INTO freed FROM over;
    IF freed > 0 THEN
        UPDATE money.accounts SET held = held - freed WHERE id = p_account;
    END IF;
    RETURN freed;
END
$$;

-- For the schedule: it only tidies up, since an expired hold holds nothing anyhow. Returns how many accounts it has looked at.
CREATE FUNCTION money.sweep_holds() RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    swept integer := 0;
    account uuid;
BEGIN
    FOR account IN
        SELECT DISTINCT account_id FROM money.holds WHERE NOT resolved AND expires_at <= clock_timestamp() ORDER BY 1
    LOOP
        PERFORM FROM money.accounts WHERE id = account FOR NO KEY UPDATE;
        PERFORM money.expire_holds(account);
        swept := swept + 1;
    END LOOP;
    RETURN swept;
END
$$;

-- Holds without a key of their own: for money.hold, and for what else must be sure of money before it is taken. p_counted: what
-- limits look at, where that is not all of it.
CREATE FUNCTION money.place_hold(
    p_owner uuid, p_account uuid, p_payee uuid, p_amount bigint, p_currency text, p_description text,
    p_expires_at timestamptz, p_counted bigint DEFAULT NULL, OUT hold_id uuid, OUT refused text
) LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    source money.accounts;
    target money.accounts;
BEGIN
    refused := money.spend(p_owner, p_currency, coalesce(p_counted, p_amount));
    IF refused IS NOT NULL THEN
        RETURN;
    END IF;
    SELECT * INTO source FROM money.accounts WHERE id = p_account FOR NO KEY UPDATE;
    SELECT * INTO target FROM money.accounts WHERE id = p_payee;
    IF source.hot THEN
        source := money.fold(p_account);
    END IF;
    refused := CASE
        WHEN source.id IS NULL OR source.owner_id IS DISTINCT FROM p_owner THEN 'AccountNotFound'
        WHEN target.id IS NULL OR target.status = 'closed' THEN 'RecipientNotFound'
        WHEN source.id = target.id THEN 'SameAccount'
        WHEN source.currency <> p_currency OR target.currency <> p_currency THEN 'CurrencyMismatch'
        WHEN source.status = 'closed' THEN 'AccountClosed'
        WHEN source.status = 'frozen' THEN 'AccountFrozen'
        WHEN money.balance(source) - source.held + money.expire_holds(p_account) + source.overdraft < p_amount
            THEN 'InsufficientFunds'
    END;
    IF refused IS NOT NULL THEN
        PERFORM money.unspend(p_owner, p_currency, coalesce(p_counted, p_amount));
        RETURN;
    END IF;
    INSERT INTO money.holds (id, account_id, payee_account_id, currency, amount, description, created_by, expires_at)
    VALUES (uuidv7(), p_account, p_payee, p_currency, p_amount, p_description, p_owner, p_expires_at)
    RETURNING id INTO hold_id;
    UPDATE money.accounts SET held = held + p_amount WHERE id = p_account;
END
$$;

CREATE FUNCTION money.hold(
    p_principal uuid, p_key text, p_fingerprint bytea,
    p_account uuid, p_payee uuid, p_amount bigint, p_currency text, p_description text, p_expires_at timestamptz
) RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    outcome jsonb := money.claim(p_principal, p_key, p_fingerprint);
    payee uuid;
    placed record;
BEGIN
    IF outcome IS NOT NULL THEN
        RETURN outcome;
    END IF;
    SELECT owner_id INTO payee FROM money.accounts WHERE id = p_payee;
    IF payee IS NULL THEN
        RETURN money.refuse(p_principal, p_key, 'RecipientNotFound');
    END IF;
    placed := money.place_hold(p_principal, p_account, p_payee, p_amount, p_currency, p_description, p_expires_at);
    IF placed.refused IS NOT NULL THEN
        RETURN money.refuse(p_principal, p_key, placed.refused);
    END IF;
    PERFORM money.tell(o.owner, 'hold.placed', jsonb_build_object(
        'hold_id', placed.hold_id, 'amount', p_amount, 'currency', p_currency
    )) FROM (SELECT DISTINCT owner FROM unnest(ARRAY[p_principal, payee]) AS owner) AS o;
    RETURN money.remember(p_principal, p_key, jsonb_build_object('hold_id', placed.hold_id));
END
$$;

-- Ends a hold, whose accounts it locks. p_amount null: void it. Whoever else waits for it finds it resolved. Says what refused it.
CREATE FUNCTION money.resolve_hold(
    p_actor uuid, p_hold uuid, p_kind money.transaction_kind, p_amount bigint, p_description text,
    OUT transaction_id uuid, OUT refused text
) LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    promise money.holds;
    payer uuid;
    fee bigint := 0;
BEGIN
    SELECT * INTO promise FROM money.holds WHERE id = p_hold;
    PERFORM FROM money.accounts
    WHERE id = promise.account_id
        OR id = promise.payee_account_id AND p_amount IS NOT NULL AND (NOT hot OR p_amount > 1::bigint << 40)
    ORDER BY id FOR NO KEY UPDATE;
    PERFORM money.expire_holds(promise.account_id);
    SELECT * INTO promise FROM money.holds WHERE id = p_hold FOR UPDATE;
    IF promise.resolved THEN
        refused := (SELECT CASE kind WHEN 'expired' THEN 'HoldExpired' ELSE 'HoldResolved' END
            FROM money.hold_resolutions WHERE hold_id = p_hold);
        RETURN;
    ELSIF p_amount > promise.amount THEN
        refused := 'CaptureTooLarge';
        RETURN;
    END IF;
    IF p_amount IS NULL THEN
        UPDATE money.accounts SET held = held - promise.amount WHERE id = promise.account_id;
    ELSE
        SELECT owner_id INTO payer FROM money.accounts WHERE id = promise.account_id;
        IF p_kind = 'capture' THEN
            fee := least(money.fee('capture', promise.currency, p_amount), p_amount - 1);
        END IF;
        transaction_id := uuidv7();
        refused := (money.post(
            ARRAY[p_actor], ARRAY[transaction_id], ARRAY[p_kind], ARRAY[p_description], ARRAY[NULL::uuid],
            array_fill(1, ARRAY[2 + sign(fee)::integer]),
            ARRAY[promise.account_id, promise.payee_account_id]
                || CASE WHEN fee > 0 THEN ARRAY[money.system_account('fees', promise.currency)] ELSE '{}' END,
            ARRAY['debit', 'credit']::money.side [] || CASE WHEN fee > 0 THEN ARRAY['credit']::money.side [] ELSE '{}' END,
            ARRAY[p_amount, p_amount - fee] || CASE WHEN fee > 0 THEN ARRAY[fee] ELSE '{}' END,
            array_fill(promise.currency, ARRAY[2 + sign(fee)::integer]),
            ARRAY[payer, NULL] || CASE WHEN fee > 0 THEN ARRAY[NULL::uuid] ELSE '{}' END,
            ARRAY[promise.amount, 0] || CASE WHEN fee > 0 THEN ARRAY[0::bigint] ELSE '{}' END
        ))[1];
        IF refused IS NOT NULL THEN
            transaction_id := NULL;
            RETURN;
        END IF;
    END IF;
    UPDATE money.holds SET resolved = true WHERE id = p_hold;
    INSERT INTO money.hold_resolutions (hold_id, kind, amount, transaction_id)
    VALUES (
        p_hold, CASE WHEN p_amount IS NULL THEN 'voided' ELSE 'captured' END, coalesce(p_amount, 0), transaction_id
    );
END
$$;

-- The payee takes what is held, or less: the rest becomes free. So may the payer, whose money it is. p_amount null: all of it.
CREATE FUNCTION money.capture(p_principal uuid, p_key text, p_fingerprint bytea, p_hold uuid, p_amount bigint)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    outcome jsonb := money.claim(p_principal, p_key, p_fingerprint);
    promise record;
    done record;
BEGIN
    IF outcome IS NOT NULL THEN
        RETURN outcome;
    END IF;
    SELECT h.*, a.owner_id AS payer, b.owner_id AS payee INTO promise
    FROM money.holds AS h
    JOIN money.accounts AS a ON a.id = h.account_id JOIN money.accounts AS b ON b.id = h.payee_account_id
    WHERE h.id = p_hold AND b.owner_id IS NOT NULL AND p_principal IN (a.owner_id, b.owner_id);
    IF NOT FOUND THEN
        RETURN money.refuse(p_principal, p_key, 'HoldNotFound');
    END IF;
    done := money.resolve_hold(p_principal, p_hold, 'capture', coalesce(p_amount, promise.amount), promise.description);
    IF done.refused IS NOT NULL THEN
        RETURN money.refuse(p_principal, p_key, done.refused);
    END IF;
    RETURN money.remember(p_principal, p_key, jsonb_build_object('hold_id', p_hold, 'transaction_id', done.transaction_id));
END
$$;

-- By the payee, or by an administrator (p_principal acts, p_any says so): the payer has promised.
CREATE FUNCTION money.void(p_principal uuid, p_key text, p_fingerprint bytea, p_hold uuid, p_any boolean DEFAULT false)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    outcome jsonb := money.claim(p_principal, p_key, p_fingerprint);
    promise record;
    done record;
BEGIN
    IF outcome IS NOT NULL THEN
        RETURN outcome;
    END IF;
    SELECT h.*, a.owner_id AS payer, b.owner_id AS payee INTO promise
    FROM money.holds AS h
    JOIN money.accounts AS a ON a.id = h.account_id JOIN money.accounts AS b ON b.id = h.payee_account_id
    WHERE h.id = p_hold AND b.owner_id IS NOT NULL AND (p_any OR p_principal IN (a.owner_id, b.owner_id));
    IF NOT FOUND THEN
        RETURN money.refuse(p_principal, p_key, 'HoldNotFound');
    ELSIF NOT p_any AND promise.payee <> p_principal THEN
        RETURN money.refuse(p_principal, p_key, 'OnlyThePayeeMayVoid');
    END IF;
    done := money.resolve_hold(p_principal, p_hold, 'capture', NULL, '');
    IF done.refused IS NOT NULL THEN
        RETURN money.refuse(p_principal, p_key, done.refused);
    END IF;
    PERFORM money.tell(o.owner, 'hold.voided', jsonb_build_object('hold_id', p_hold))
    FROM (SELECT DISTINCT owner FROM unnest(ARRAY[promise.payer, promise.payee]) AS owner) AS o;
    RETURN money.remember(p_principal, p_key, jsonb_build_object('hold_id', p_hold));
END
$$;
