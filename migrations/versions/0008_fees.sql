-- What the rule for this operation takes, in minor units, rounded up: in the house's favour.
CREATE FUNCTION money.fee(p_operation text, p_currency text, p_amount bigint) RETURNS bigint
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce((
        SELECT least(greatest(flat + ceil(p_amount * rate), minimum), coalesce(maximum, 9007199254740991))::bigint
        FROM money.fee_rules WHERE operation = p_operation AND currency = p_currency AND ended_at IS NULL
    ), 0);
$$;

-- Counts the amount as sent today by this person, unless that passes a limit: then says so and counts nothing.
CREATE FUNCTION money.spend(p_owner uuid, p_currency text, p_amount bigint, p_dry boolean DEFAULT false) RETURNS text
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    allowed money.limits;
    today CONSTANT date := (clock_timestamp() AT TIME ZONE 'UTC')::date;
    already bigint;
BEGIN
    SELECT * INTO allowed FROM money.limits
    WHERE currency = p_currency AND (owner_id = p_owner OR owner_id IS NULL) ORDER BY owner_id NULLS LAST LIMIT 1;
    IF p_amount > allowed.per_operation OR p_amount > allowed.per_day THEN
        RETURN 'LimitExceeded';
    ELSIF allowed.per_day IS NULL THEN
        RETURN NULL;
    ELSIF p_dry THEN
        SELECT amount INTO already FROM money.spent WHERE owner_id = p_owner AND currency = p_currency AND day = today;
        RETURN CASE WHEN already > allowed.per_day - p_amount THEN 'LimitExceeded' END;
    END IF;
    INSERT INTO money.spent AS s (owner_id, currency, day, amount) VALUES (p_owner, p_currency, today, p_amount)
    ON CONFLICT (owner_id, currency, day) DO UPDATE SET amount = s.amount + p_amount
    WHERE s.amount <= allowed.per_day - p_amount;
    RETURN CASE WHEN NOT FOUND THEN 'LimitExceeded' END;
END
$$;

-- What was counted by money.spend and then refused for another reason. Nothing was, if there is no daily limit.
CREATE FUNCTION money.unspend(p_owner uuid, p_currency text, p_amount bigint) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    UPDATE money.spent SET amount = greatest(amount - p_amount, 0)
    WHERE owner_id = p_owner AND currency = p_currency AND day = (clock_timestamp() AT TIME ZONE 'UTC')::date
        AND (
            SELECT per_day FROM money.limits
            WHERE currency = p_currency AND (owner_id = p_owner OR owner_id IS NULL) ORDER BY owner_id NULLS LAST LIMIT 1
        ) IS NOT NULL;
$$;

-- By administrators -------------------------------------------------------------------------------------------------------

CREATE FUNCTION money.set_fee_rule(
    p_actor uuid, p_operation text, p_currency text, p_flat bigint, p_rate numeric, p_minimum bigint, p_maximum bigint,
    p_reason text
) RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    made uuid;
BEGIN
    UPDATE money.fee_rules SET ended_at = clock_timestamp()
    WHERE operation = p_operation AND currency = p_currency AND ended_at IS NULL;
    INSERT INTO money.fee_rules (operation, currency, flat, rate, minimum, maximum, created_by)
    VALUES (p_operation, p_currency, p_flat, p_rate, p_minimum, p_maximum, p_actor) RETURNING id INTO made;
    -- Now, and not by the first that pay it: two of them would wait for each other's, one with an account locked.
    PERFORM money.system_account('fees', p_currency);
    PERFORM money.note(p_actor, 'fee_rule.set', made, p_reason);
    RETURN made;
END
$$;

CREATE FUNCTION money.end_fee_rule(p_actor uuid, p_rule uuid, p_reason text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE money.fee_rules SET ended_at = clock_timestamp() WHERE id = p_rule AND ended_at IS NULL;
    IF FOUND THEN
        PERFORM money.note(p_actor, 'fee_rule.ended', p_rule, p_reason);
        RETURN true;
    END IF;
    RETURN false;
END
$$;

CREATE FUNCTION money.set_limit(
    p_actor uuid, p_owner uuid, p_currency text, p_per_operation bigint, p_per_day bigint, p_reason text
) RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    made uuid;
BEGIN
    INSERT INTO money.limits AS l (owner_id, currency, per_operation, per_day, created_by)
    VALUES (p_owner, p_currency, p_per_operation, p_per_day, p_actor)
    ON CONFLICT (owner_id, currency) DO UPDATE
    SET per_operation = excluded.per_operation, per_day = excluded.per_day, created_by = excluded.created_by
    RETURNING l.id INTO made;
    PERFORM money.note(
        p_actor, 'limit.set', made, p_reason,
        jsonb_build_object('owner_id', p_owner, 'per_operation', p_per_operation, 'per_day', p_per_day)
    );
    RETURN made;
END
$$;

CREATE FUNCTION money.remove_limit(p_actor uuid, p_limit uuid, p_reason text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    DELETE FROM money.limits WHERE id = p_limit;
    IF FOUND THEN
        PERFORM money.note(p_actor, 'limit.removed', p_limit, p_reason);
        RETURN true;
    END IF;
    RETURN false;
END
$$;
