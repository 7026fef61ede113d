-- A payment is written down before any provider hears of it. Order of locks: the key, limits, the account, the payment.

-- The accounts that its settling and its reconciliation may need, before it can be settled: two that make the same one wait for
-- each other, and must not have anything locked by then.
CREATE FUNCTION money.open_books(p_provider text, p_currency text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM money.system_account('clearing:' || p_provider, p_currency);
    PERFORM money.system_account('suspense', p_currency);
END
$$;

CREATE FUNCTION money.begin_deposit(
    p_principal uuid, p_key text, p_fingerprint bytea, p_account uuid, p_amount bigint, p_currency text, p_provider text,
    p_instrument text
) RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    outcome jsonb := money.claim(p_principal, p_key, p_fingerprint);
    account record;
    refused text;
    made uuid;
BEGIN
    IF outcome IS NOT NULL THEN
        RETURN outcome;
    END IF;
    SELECT s.owner_id, s.currency, s.status, s.balance INTO account FROM money.standing AS s WHERE s.id = p_account;
    refused := CASE
        WHEN account.owner_id IS DISTINCT FROM p_principal THEN 'AccountNotFound'
        WHEN account.currency <> p_currency THEN 'CurrencyMismatch'
        WHEN account.status = 'closed' THEN 'AccountClosed'
        WHEN account.balance > 9007199254740991 - p_amount THEN 'BalanceTooLarge'
    END;
    IF refused IS NOT NULL THEN
        RETURN money.refuse(p_principal, p_key, refused);
    END IF;
    PERFORM money.open_books(p_provider, p_currency);
    INSERT INTO money.payments (direction, owner_id, account_id, provider, amount, currency, instrument)
    VALUES ('deposit', p_principal, p_account, p_provider, p_amount, p_currency, p_instrument) RETURNING id INTO made;
    RETURN money.remember(p_principal, p_key, jsonb_build_object('payment_id', made));
END
$$;

-- The money is held first, with the fee, and without an end: only what becomes of the payment decides about it.
CREATE FUNCTION money.begin_withdrawal(
    p_principal uuid, p_key text, p_fingerprint bytea, p_account uuid, p_amount bigint, p_currency text, p_provider text,
    p_instrument text
) RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    outcome jsonb := money.claim(p_principal, p_key, p_fingerprint);
    account record;
    fee bigint;
    placed record;
    made uuid;
BEGIN
    IF outcome IS NOT NULL THEN
        RETURN outcome;
    END IF;
    SELECT a.owner_id, a.currency INTO account FROM money.accounts AS a WHERE a.id = p_account;
    IF account.owner_id IS DISTINCT FROM p_principal THEN
        RETURN money.refuse(p_principal, p_key, 'AccountNotFound');
    ELSIF account.currency <> p_currency THEN
        RETURN money.refuse(p_principal, p_key, 'CurrencyMismatch');
    END IF;
    PERFORM money.open_books(p_provider, p_currency);
    fee := money.fee('withdrawal', p_currency, p_amount);
    placed := money.place_hold(
        p_principal, p_account, money.system_account('clearing:' || p_provider, p_currency), p_amount + fee, p_currency, '',
        clock_timestamp() + interval '100 years', p_amount
    );
    IF placed.refused IS NOT NULL THEN
        RETURN money.refuse(p_principal, p_key, placed.refused);
    END IF;
    INSERT INTO money.payments (direction, owner_id, account_id, provider, amount, fee, currency, instrument, hold_id)
    VALUES ('withdrawal', p_principal, p_account, p_provider, p_amount, fee, p_currency, p_instrument, placed.hold_id)
    RETURNING id INTO made;
    RETURN money.remember(p_principal, p_key, jsonb_build_object('payment_id', made));
END
$$;

-- The provider has it. What it says later may have been told already: then only the reference is new.
CREATE FUNCTION money.payment_sent(p_payment uuid, p_reference text, p_client_secret text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    UPDATE money.payments SET
        provider_reference = coalesce(provider_reference, p_reference),
        client_secret = CASE WHEN status IN ('created', 'pending') THEN coalesce(p_client_secret, client_secret) END,
        status = CASE status WHEN 'created' THEN 'pending' ELSE status END,
        updated_at = clock_timestamp()
    WHERE id = p_payment;
$$;
