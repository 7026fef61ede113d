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
        RETURN money.refuse(p_principal, p_key, 'UnknownCurrency');
    END IF;
    INSERT INTO money.accounts (owner_id, name, currency, normal_side, overdraft)
    VALUES (p_principal, p_name, p_currency, 'credit', 0) RETURNING id INTO opened;
    RETURN money.remember(p_principal, p_key, jsonb_build_object('account_id', opened));
END
$$;

CREATE FUNCTION money.rename_account(p_owner uuid, p_account uuid, p_name text) RETURNS boolean
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    UPDATE money.accounts SET name = p_name WHERE id = p_account AND owner_id = p_owner RETURNING true;
$$;

-- Artel's own account for a purpose: clearing:<provider>, fees, liquidity, unclaimed, suspense, adjustments. Made when it is
-- first needed. All of them are hot, and but for what waits for people to claim it, none has a bound.
CREATE FUNCTION money.system_account(p_purpose text, p_currency text) RETURNS uuid
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    p_code CONSTANT text := format('%s:%s', p_purpose, p_currency);
    found_id uuid;
BEGIN
    SELECT id INTO found_id FROM money.accounts WHERE code = p_code;
    IF found_id IS NULL THEN
        INSERT INTO money.accounts (code, name, currency, normal_side, overdraft, hot)
        VALUES (
            p_code, p_code, p_currency,
            CASE WHEN p_purpose LIKE 'clearing:%' OR p_purpose = 'adjustments' THEN 'debit'::money.side ELSE 'credit' END,
            CASE p_purpose WHEN 'unclaimed' THEN 0 END, true
        ) ON CONFLICT DO NOTHING;
        SELECT id INTO STRICT found_id FROM money.accounts WHERE code = p_code;
    END IF;
    RETURN found_id;
END
$$;

-- The account as nobody else can change it or add to it: for those who change what posting relies on.
CREATE FUNCTION money.lock_alone(p_account uuid) RETURNS money.accounts
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    -- Rows first, advisory locks after them, as everywhere.
    PERFORM FROM money.accounts WHERE id = p_account FOR NO KEY UPDATE;
    PERFORM pg_advisory_xact_lock(money.lock_of(p_account));
    RETURN money.fold(p_account);
END
$$;

CREATE FUNCTION money.note(p_actor uuid, p_action text, p_subject uuid, p_reason text, p_detail jsonb DEFAULT '{}')
RETURNS void LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO money.actions (actor_id, action, subject, reason, detail)
    VALUES (p_actor, p_action, p_subject, p_reason, p_detail);
$$;

CREATE FUNCTION money.tell(p_owner uuid, p_type text, p_data jsonb) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO money.events (owner_id, type, data) SELECT p_owner, p_type, p_data WHERE p_owner IS NOT NULL;
$$;

-- Freeze, unfreeze or close. p_owner: whose account it must be, or null for administrators. Returns what refused it.
CREATE FUNCTION money.set_status(p_actor uuid, p_owner uuid, p_account uuid, p_status money.account_status, p_reason text)
RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    account money.accounts := money.lock_alone(p_account);
BEGIN
    IF account.id IS NULL OR account.owner_id IS NULL OR p_owner IS NOT NULL AND account.owner_id <> p_owner THEN
        RETURN 'AccountNotFound';
    ELSIF account.status = 'closed' AND p_status <> 'closed' THEN
        RETURN 'AccountClosed';
    ELSIF account.status = p_status THEN
        RETURN NULL;
    ELSIF p_owner IS NOT NULL AND account.status = 'frozen' THEN
        RETURN 'AccountFrozen';
    END IF;
    IF p_status = 'closed' THEN
        account.held := account.held - money.expire_holds(p_account);
        IF money.balance(account) <> 0 OR account.held <> 0 THEN
            RETURN 'AccountNotEmpty';
        END IF;
    END IF;
    UPDATE money.accounts SET status = p_status WHERE id = p_account;
    PERFORM money.note(p_actor, 'account.' || p_status, p_account, p_reason);
    PERFORM money.tell(account.owner_id, 'account.' || p_status, jsonb_build_object('account_id', p_account));
    RETURN NULL;
END
$$;

-- How far below zero the account may go, and whether many pay into it at the same time. null: stays as it is.
CREATE FUNCTION money.configure(p_actor uuid, p_account uuid, p_overdraft bigint, p_hot boolean, p_reason text)
RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    account money.accounts := money.lock_alone(p_account);
BEGIN
    IF account.id IS NULL OR account.owner_id IS NULL THEN
        RETURN 'AccountNotFound';
    END IF;
    account.held := account.held - money.expire_holds(p_account);
    IF money.balance(account) - account.held + p_overdraft < 0 THEN
        RETURN 'OverdraftInUse';
    END IF;
    UPDATE money.accounts SET overdraft = coalesce(p_overdraft, overdraft), hot = coalesce(p_hot, hot)
    WHERE id = p_account;
    PERFORM money.note(
        p_actor, 'account.configured', p_account, p_reason, jsonb_build_object('overdraft', p_overdraft, 'hot', p_hot)
    );
    RETURN NULL;
END
$$;
