-- Standing orders: when they come up.

-- The date that is n days, weeks or months after the anchor. Months are counted from the anchor and not from the date before,
-- so that the 31st is the last day of short months and the 31st again afterwards.
CREATE FUNCTION money.occurrence(p_every text, p_anchor date, p_n integer) RETURNS date
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE p_every
        WHEN 'day' THEN p_anchor + p_n
        WHEN 'week' THEN p_anchor + 7 * p_n
        WHEN 'month' THEN (p_anchor + make_interval(months => p_n))::date
    END;
$$;

-- The number of the last date that is not after p_day.
CREATE FUNCTION money.occurrences_until(p_every text, p_anchor date, p_day date) RETURNS integer
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE p_every
        WHEN 'day' THEN p_day - p_anchor
        WHEN 'week' THEN floor((p_day - p_anchor) / 7.0)::integer
        WHEN 'month' THEN m.months - (money.occurrence('month', p_anchor, m.months) > p_day)::integer
    END
    FROM (
        SELECT (
            12 * (extract(year FROM p_day) - extract(year FROM p_anchor))
            + extract(month FROM p_day) - extract(month FROM p_anchor)
        )::integer AS months
    ) AS m;
$$;

-- The first date that is not before p_day.
CREATE FUNCTION money.next_occurrence(p_every text, p_anchor date, p_day date) RETURNS date
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT money.occurrence(p_every, p_anchor, money.occurrences_until(p_every, p_anchor, p_day - 1) + 1);
$$;

-- The last day whose hour has come, in UTC.
CREATE FUNCTION money.day_of(p_hour smallint, p_moment timestamptz) RETURNS date
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT ((p_moment AT TIME ZONE 'UTC') - make_interval(hours => p_hour))::date;
$$;

CREATE FUNCTION money.lock_order(p_order uuid) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN uuid_hash_extended(p_order, 1115);

-- Exactly one of p_to, p_handle and p_email_key. A handle stands for who has it now, whoever may have it later.
CREATE FUNCTION money.order_recurring(
    p_principal uuid, p_key text, p_fingerprint bytea, p_from uuid, p_to uuid, p_recipient text, p_handle text,
    p_email_key text, p_amount bigint, p_currency text, p_description text, p_every text, p_anchor date, p_hour integer,
    p_start date, p_end date, p_times integer
) RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    outcome jsonb;
    person uuid;
    target money.accounts;
    refused text;
    far CONSTANT integer := 3653;  -- ten years
    today CONSTANT date := money.day_of(0::smallint, clock_timestamp());
    first CONSTANT date := money.next_occurrence(p_every, p_anchor, p_start);
    last date := p_end;
    made uuid;
BEGIN
    IF p_handle IS NOT NULL AND money.used_up('handle', p_principal) AND money.is_new(p_principal, p_key) THEN
        RETURN '{"refused": "TooManyRequests"}';
    END IF;
    outcome := money.claim(p_principal, p_key, p_fingerprint);
    IF outcome IS NOT NULL THEN
        RETURN outcome;
    END IF;
    IF p_times IS NOT NULL THEN
        last := money.occurrence(p_every, p_anchor, money.occurrences_until(p_every, p_anchor, first) + p_times - 1);
    END IF;
    refused := coalesce(money.unusable(p_principal, p_from, p_currency), CASE
        WHEN p_start < today OR greatest(p_start, p_anchor) > today + far OR p_anchor < today - far THEN 'StartOutOfRange'
        WHEN first > last THEN 'NoOccurrence'
    END);
    IF refused IS NULL AND p_to IS NOT NULL THEN
        SELECT * INTO target FROM money.accounts WHERE id = p_to AND owner_id IS NOT NULL AND status <> 'closed';
        refused := CASE
            WHEN target.id IS NULL THEN 'RecipientNotFound'
            WHEN target.id = p_from THEN 'SameAccount'
            WHEN target.currency <> p_currency THEN 'CurrencyMismatch'
        END;
    ELSIF refused IS NULL AND p_handle IS NOT NULL THEN
        person := identity.holder_of_handle(p_handle);
        IF person IS NULL THEN
            PERFORM money.hit('handle', p_principal);
            refused := 'RecipientNotFound';
        END IF;
    END IF;
    IF refused IS NOT NULL THEN
        RETURN money.refuse(p_principal, p_key, refused);
    END IF;
    INSERT INTO money.recurring_transfers (
        owner_id, from_account_id, to_account_id, recipient, email_hash, person_id, amount, currency, description, every,
        anchor_on, hour, start_on, end_on, times, last_on, next_on
    ) VALUES (
        p_principal, p_from, p_to, p_recipient, identity.address_hash(p_email_key), person, p_amount, p_currency,
        p_description, p_every, p_anchor, p_hour, p_start, p_end, p_times, last, first
    ) RETURNING id INTO made;
    RETURN money.remember(p_principal, p_key, jsonb_build_object('recurring_transfer_id', made));
END
$$;

-- What is null stays as it is. While an order is paused its dates pass; after it only later ones come up.
CREATE FUNCTION money.change_recurring(
    p_owner uuid, p_order uuid, p_amount bigint, p_description text, p_status text
) RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    standing money.recurring_transfers;
    following date;
BEGIN
    PERFORM pg_advisory_xact_lock(money.lock_order(p_order));
    SELECT * INTO standing FROM money.recurring_transfers WHERE id = p_order AND owner_id = p_owner FOR UPDATE;
    IF standing.id IS NULL THEN
        RETURN 'RecurringTransferNotFound';
    ELSIF standing.status IN ('canceled', 'finished') THEN
        RETURN CASE WHEN p_status = standing.status THEN NULL ELSE 'RecurringTransferEnded' END;
    END IF;
    following := standing.next_on;
    IF p_status = 'active' AND standing.status = 'paused' THEN
        following := money.next_occurrence(
            standing.every, standing.anchor_on,
            greatest(standing.start_on, money.day_of(standing.hour, clock_timestamp()) + 1)
        );
        IF following > standing.last_on THEN
            following := NULL;
            p_status := 'finished';
        END IF;
    ELSIF p_status IN ('paused', 'canceled') THEN
        PERFORM money.drop_runs(p_order);
    END IF;
    UPDATE money.recurring_transfers SET
        amount = coalesce(p_amount, amount), description = coalesce(p_description, description),
        status = coalesce(p_status, status), next_on = following,
        skipped_in_a_row = CASE WHEN p_status = 'active' THEN 0 ELSE skipped_in_a_row END
    WHERE id = p_order;
    RETURN NULL;
END
$$;

-- What was still to be tried is not.
CREATE FUNCTION money.drop_runs(p_order uuid) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    UPDATE money.recurring_runs SET status = 'skipped', try_at = NULL, updated_at = clock_timestamp()
    WHERE recurring_transfer_id = p_order AND try_at IS NOT NULL;
$$;
