-- A deposit from the sandbox provider: its clearing account is what the provider owes us.
CREATE FUNCTION money.deposit(
    p_principal uuid, p_key text, p_fingerprint bytea, p_account uuid, p_amount bigint, p_currency text
) RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    outcome jsonb := money.claim(p_principal, p_key, p_fingerprint);
    id CONSTANT uuid := uuidv7();
    refused text;
BEGIN
    IF outcome IS NOT NULL THEN
        RETURN outcome;
    ELSIF NOT EXISTS (SELECT FROM money.accounts WHERE accounts.id = p_account AND owner_id = p_principal) THEN
        RETURN money.refuse(p_principal, p_key, 'AccountNotFound');
    ELSIF NOT EXISTS (SELECT FROM money.accounts WHERE accounts.id = p_account AND currency = p_currency) THEN
        RETURN money.refuse(p_principal, p_key, 'CurrencyMismatch');
    END IF;
    refused := (money.post(
        ARRAY[p_principal], ARRAY[id], ARRAY['deposit']::money.transaction_kind [], ARRAY['sandbox'], ARRAY[NULL::uuid],
        ARRAY[1, 1], ARRAY[money.system_account('clearing:sandbox', p_currency), p_account],
        ARRAY['debit', 'credit']::money.side [], ARRAY[p_amount, p_amount], ARRAY[p_currency, p_currency],
        ARRAY[NULL, p_principal], ARRAY[0::bigint, 0]
    ))[1];
    IF refused IS NOT NULL THEN
        RETURN money.refuse(p_principal, p_key, refused);
    END IF;
    RETURN money.remember(p_principal, p_key, jsonb_build_object('transaction_id', id));
END
$$;
