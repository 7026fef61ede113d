-- Requests for payment. Whoever decides about one takes its lock first, right after the key: an advisory one, before limits and
-- accounts, so that what is read afterwards is what holds.

CREATE FUNCTION money.lock_request(p_request uuid) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    SELECT pg_advisory_xact_lock(uuid_hash_extended(p_request, 1114));
$$;

-- Who is asked, if that can be told: by handle, or by an address that is somebody's.
CREATE FUNCTION money.asked(r money.payment_requests) RETURNS uuid
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce(r.person_id, identity.holder_of_address(r.email_hash));
$$;

-- Whether this person is the one who is asked, or one of those: of a request with no recipient, anybody but who asks.
CREATE FUNCTION money.is_asked(r money.payment_requests, p_person uuid) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE
        WHEN r.person_id IS NOT NULL THEN r.person_id = p_person
        WHEN r.email_hash IS NOT NULL THEN coalesce(r.email_hash = identity.address_of(p_person), false)
        ELSE r.requester_id <> p_person
    END;
$$;

CREATE FUNCTION money.about_request(r money.payment_requests) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT jsonb_build_object('payment_request_id', r.id, 'amount', r.amount, 'currency', r.currency);
$$;

CREATE FUNCTION money.request_payment(
    p_principal uuid, p_key text, p_fingerprint bytea, p_account uuid, p_recipient text, p_handle text, p_email_key text,
    p_amount bigint, p_currency text, p_note text, p_expires_at timestamptz
) RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    outcome jsonb;
    person uuid;
    refused text;
    moment CONSTANT timestamptz := clock_timestamp();
    until CONSTANT timestamptz := coalesce(p_expires_at, moment + interval '30 days');
    made money.payment_requests;
BEGIN
    IF (p_handle IS NOT NULL AND money.used_up('handle', p_principal)
        OR num_nonnulls(p_handle, p_email_key) > 0 AND money.used_up('request', p_principal))
        AND money.is_new(p_principal, p_key)
    THEN
        RETURN '{"refused": "TooManyRequests"}';
    END IF;
    outcome := money.claim(p_principal, p_key, p_fingerprint);
    IF outcome IS NOT NULL THEN
        RETURN outcome;
    END IF;
    refused := coalesce(
        money.unusable(p_principal, p_account, p_currency),
        CASE WHEN until <= moment OR until > moment + interval '366 days' THEN 'InvalidRequestExpiry' END
    );
    IF refused IS NULL AND p_handle IS NOT NULL THEN
        person := identity.holder_of_handle(p_handle);
        IF person IS NULL THEN
            PERFORM money.hit('handle', p_principal);
            refused := 'RecipientNotFound';
        END IF;
    END IF;
    IF refused IS NOT NULL THEN
        RETURN money.refuse(p_principal, p_key, refused);
    END IF;
    INSERT INTO money.payment_requests (
        requester_id, account_id, recipient, email_hash, person_id, amount, currency, note, expires_at
    ) VALUES (
        p_principal, p_account, p_recipient, identity.address_hash(p_email_key), person, p_amount, p_currency, p_note,
        until
    ) RETURNING * INTO made;
    IF num_nonnulls(p_handle, p_email_key) > 0 THEN
        PERFORM money.tell(money.asked(made), 'payment_request.received', money.about_request(made));
        PERFORM money.hit('request', p_principal);
    END IF;
    IF p_email_key IS NOT NULL THEN
        PERFORM money.have_written('payment_request', made.id, p_principal, made.email_hash);
    END IF;
    RETURN money.remember(p_principal, p_key, jsonb_build_object('payment_request_id', made.id));
END
$$;

-- The request, locked, if this person may know of it; and why it cannot be decided any more.
CREATE FUNCTION money.request_for(
    p_person uuid, p_request uuid, OUT request money.payment_requests, OUT refused text
) LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM money.lock_request(p_request);
    SELECT r.* INTO request FROM money.payment_requests AS r
    WHERE r.id = p_request AND (r.requester_id = p_person OR r.payer_id = p_person OR money.is_asked(r, p_person));
    refused := CASE
        WHEN request.id IS NULL THEN 'PaymentRequestNotFound'
        WHEN request.status = 'expired' OR request.status = 'open' AND request.expires_at <= clock_timestamp()
            THEN 'PaymentRequestExpired'
        WHEN request.status <> 'open' THEN 'PaymentRequestDecided'
    END;
END
$$;

-- By who is asked, from one of their accounts: the transfer and the acceptance are one. The first one wins.
CREATE FUNCTION money.accept_request(
    p_principal uuid, p_key text, p_fingerprint bytea, p_request uuid, p_from uuid
) RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    outcome jsonb := money.claim(p_principal, p_key, p_fingerprint);
    looked_up record;
    request money.payment_requests;
    made CONSTANT uuid := uuidv7();
    refused text;
BEGIN
    IF outcome IS NOT NULL THEN
        RETURN outcome;
    END IF;
    looked_up := money.request_for(p_principal, p_request);
    request := looked_up.request;
    refused := CASE
        WHEN request.requester_id = p_principal THEN 'OwnPaymentRequest'
        ELSE looked_up.refused
    END;
    IF refused IS NULL THEN
        refused := (money.post_transfers(
            ARRAY[p_principal], ARRAY[made], ARRAY[p_from], ARRAY[request.account_id], ARRAY[request.amount],
            ARRAY[request.currency], ARRAY[request.note]
        ))[1];
    END IF;
    IF refused IS NOT NULL THEN
        RETURN money.refuse(p_principal, p_key, refused);
    END IF;
    UPDATE money.payment_requests AS r SET
        status = 'accepted', decided_at = clock_timestamp(), payer_id = p_principal, transfer_id = made
    WHERE r.id = p_request AND r.status = 'open';
    IF NOT FOUND THEN
        RAISE EXCEPTION 'payment request % has just gone', p_request USING ERRCODE = 'serialization_failure';
    END IF;
    PERFORM money.tell(
        request.requester_id, 'payment_request.accepted',
        money.about_request(request) || jsonb_build_object('transaction_id', made)
    );
    RETURN money.remember(
        p_principal, p_key, jsonb_build_object('payment_request_id', p_request, 'transaction_id', made)
    );
END
$$;

-- p_status: declined, by the one person who is asked; or canceled, by who asked.
CREATE FUNCTION money.close_request(
    p_principal uuid, p_key text, p_fingerprint bytea, p_request uuid, p_status text
) RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    outcome jsonb := money.claim(p_principal, p_key, p_fingerprint);
    looked_up record;
    request money.payment_requests;
    refused text;
BEGIN
    IF outcome IS NOT NULL THEN
        RETURN outcome;
    END IF;
    looked_up := money.request_for(p_principal, p_request);
    request := looked_up.request;
    refused := CASE
        WHEN request.id IS NULL THEN looked_up.refused
        WHEN p_status = 'canceled' AND request.requester_id <> p_principal THEN 'OnlyTheRequesterMayCancel'
        WHEN p_status = 'declined' AND (
            num_nonnulls(request.person_id, request.email_hash) = 0 OR NOT money.is_asked(request, p_principal)
        ) THEN 'OnlyTheRequestedMayDecline'
        ELSE looked_up.refused
    END;
    IF refused IS NOT NULL THEN
        RETURN money.refuse(p_principal, p_key, refused);
    END IF;
    UPDATE money.payment_requests AS r SET status = p_status, decided_at = clock_timestamp() WHERE r.id = p_request;
    IF p_status = 'declined' THEN
        PERFORM money.tell(request.requester_id, 'payment_request.declined', money.about_request(request));
    ELSE
        PERFORM money.tell(money.asked(request), 'payment_request.canceled', money.about_request(request));
    END IF;
    RETURN money.remember(p_principal, p_key, jsonb_build_object('payment_request_id', p_request));
END
$$;

-- For the schedule: nobody can accept what is past its time anyhow; this tells whom it concerns. One that somebody is deciding
-- about at this moment is left for the next time.
CREATE FUNCTION money.expire_requests(p_most integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    one money.payment_requests;
    expired integer := 0;
BEGIN
    FOR one IN
        SELECT * FROM money.payment_requests WHERE status = 'open' AND expires_at <= clock_timestamp()
        ORDER BY expires_at LIMIT p_most FOR UPDATE SKIP LOCKED
    LOOP
        CONTINUE WHEN NOT pg_try_advisory_xact_lock(uuid_hash_extended(one.id, 1114));
        UPDATE money.payment_requests AS r SET status = 'expired', decided_at = clock_timestamp()
        WHERE r.id = one.id AND r.status = 'open';
        expired := expired + 1;
        PERFORM money.tell(o.owner, 'payment_request.expired', money.about_request(one))
        FROM (
            SELECT DISTINCT owner FROM unnest(ARRAY[one.requester_id, money.asked(one)]) AS owner
            WHERE owner IS NOT NULL
        ) AS o;
    END LOOP;
    RETURN expired;
END
$$;
