-- One effect per (principal, key), for ever. A refusal that depends on state is returned and stored, never raised: a retry
-- must not turn it into success.

-- The stored answer of a key, or null when the key is new and now claimed. A concurrent twin waits in the INSERT.
CREATE FUNCTION money.claim(p_principal uuid, p_key text, p_fingerprint bytea) RETURNS jsonb
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    stored money.idempotency_keys;
BEGIN
    INSERT INTO money.idempotency_keys (principal_id, key, fingerprint)
    VALUES (p_principal, p_key, p_fingerprint) ON CONFLICT DO NOTHING;
    IF FOUND THEN
        RETURN NULL;
    END IF;
    SELECT * INTO STRICT stored FROM money.idempotency_keys WHERE principal_id = p_principal AND key = p_key;
    IF stored.fingerprint <> p_fingerprint THEN
        RETURN '{"refused": "IdempotencyKeyReused"}';
    END IF;
    -- A transfer's outcome is its transaction, and is told by its own function.
    RETURN coalesce(stored.outcome, '{}') || '{"replayed": true}';
END
$$;

CREATE FUNCTION money.remember(p_principal uuid, p_key text, p_outcome jsonb) RETURNS jsonb
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    UPDATE money.idempotency_keys SET outcome = p_outcome WHERE principal_id = p_principal AND key = p_key
    RETURNING outcome;
$$;

CREATE FUNCTION money.refuse(p_principal uuid, p_key text, p_refused text) RETURNS jsonb
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    SELECT money.remember(p_principal, p_key, jsonb_build_object('refused', p_refused));
$$;
