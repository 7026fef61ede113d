-- Money comes from outside into a person's account, under a key: what providers do, without any. For tests only.
CREATE FUNCTION money.arrive(
    p_principal uuid, p_key text, p_fingerprint bytea, p_account uuid, p_amount bigint, p_currency text
) RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    outcome jsonb := money.claim(p_principal, p_key, p_fingerprint);
    id CONSTANT uuid := uuidv7();
    refused text;
BEGIN
    IF outcome IS NOT NULL THEN
        RETURN outcome;
    END IF;
    refused := (money.post(
        ARRAY[p_principal], ARRAY[id], ARRAY['deposit']::money.transaction_kind [], ARRAY['outside'], ARRAY[NULL::uuid],
        ARRAY[1, 1], ARRAY[p_account, money.system_account('clearing:outside', p_currency)],
        ARRAY['credit', 'debit']::money.side [], ARRAY[p_amount, p_amount], ARRAY[p_currency, p_currency],
        ARRAY[p_principal, NULL], ARRAY[0::bigint, 0]
    ))[1];
    IF refused IS NOT NULL THEN
        RETURN money.refuse(p_principal, p_key, refused);
    END IF;
    RETURN money.remember(p_principal, p_key, jsonb_build_object('transaction_id', id));
END
$$;
ALTER FUNCTION money.arrive OWNER TO artel_owner;
REVOKE ALL ON FUNCTION money.arrive FROM PUBLIC;
GRANT EXECUTE ON FUNCTION money.arrive TO artel_money;
