-- What each limit allows, and in how long a time.
CREATE FUNCTION money.rate(p_name text, OUT allowed integer, OUT span interval)
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT r.allowed, r.span FROM (
        VALUES
            -- Handles that are nobody's: whoever mistypes is far below it, whoever goes through a dictionary is not.
            ('handle', 20, interval '15 minutes'),
            -- Letters that one sender causes; to one address; and requests for payment that reach somebody unasked.
            ('letter', 50, interval '1 day'),
            ('letter to one', 5, interval '1 day'),
            ('request', 30, interval '1 hour'),
            -- Not of anybody: how often all that waits is looked through.
            ('look through', 1, interval '10 minutes')
    ) AS r (name, allowed, span) WHERE r.name = p_name;
$$;

CREATE FUNCTION money.rate_key(p_name text, p_of uuid, p_to bytea DEFAULT '') RETURNS bytea
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT sha256(convert_to(p_name, 'UTF8') || '\x00'::bytea || uuid_send(p_of) || p_to);
$$;

CREATE FUNCTION money.used_up(p_name text, p_of uuid) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM money.rate_limits WHERE key = money.rate_key(p_name, p_of) AND window_ends > clock_timestamp()
            AND hits >= (money.rate(p_name)).allowed
    );
$$;

-- Counts one more, and says whether that many are allowed. The last thing that a transaction locks.
CREATE FUNCTION money.hit(p_name text, p_of uuid, p_to bytea DEFAULT '') RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    limits CONSTANT record := money.rate(p_name);
    counted integer;
BEGIN
    INSERT INTO money.rate_limits AS r (key, hits, window_ends)
    VALUES (money.rate_key(p_name, p_of, p_to), 1, clock_timestamp() + limits.span)
    ON CONFLICT (key) DO UPDATE SET
        hits = CASE WHEN r.window_ends <= clock_timestamp() THEN 1 ELSE r.hits + 1 END,
        window_ends = CASE WHEN r.window_ends <= clock_timestamp() THEN excluded.window_ends ELSE r.window_ends END
    RETURNING hits INTO counted;
    RETURN counted <= limits.allowed;
END
$$;

CREATE FUNCTION money.sweep_rates() RETURNS integer
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    WITH gone AS (DELETE FROM money.rate_limits WHERE window_ends < clock_timestamp() - interval '1 hour' RETURNING 1)
    SELECT count(*)::integer FROM gone;
$$;

-- A refusal that is nobody's answer for ever: the same request under the same key may well succeed later. A key that has an
-- answer keeps it.
CREATE FUNCTION money.is_new(p_principal uuid, p_key text) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT NOT EXISTS (SELECT FROM money.idempotency_keys WHERE principal_id = p_principal AND key = p_key);
$$;
