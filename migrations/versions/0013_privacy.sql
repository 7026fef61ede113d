-- What a person gets, one JSON object a row; see 0007_privacy.sql for the rest ---------------------------------------------

CREATE FUNCTION identity.export_money_holds(person uuid) RETURNS SETOF json
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT row_to_json(line) FROM (
        SELECT
            h.id, h.account_id, h.payee_account_id, h.amount, h.currency, h.description, h.created_at, h.expires_at,
            r.kind AS ended, r.amount AS captured, r.resolved_at AS ended_at
        FROM money.holds AS h LEFT JOIN money.hold_resolutions AS r ON r.hold_id = h.id
        WHERE h.created_by = person ORDER BY h.id
    ) AS line;
END;

CREATE FUNCTION identity.export_money_payments(person uuid) RETURNS SETOF json
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT row_to_json(line) FROM (
        SELECT
            id, direction, account_id, provider, amount, fee, currency, instrument, status, provider_reference, failure,
            transaction_id, created_at
        FROM money.payments WHERE owner_id = person ORDER BY id
    ) AS line;
END;

CREATE FUNCTION identity.export_money_events(person uuid) RETURNS SETOF json
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT row_to_json(line) FROM (
        SELECT id, type, data, created_at FROM money.events WHERE owner_id = person ORDER BY id
    ) AS line;
END;

CREATE FUNCTION identity.export_money_webhook_endpoints(person uuid) RETURNS SETOF json
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT row_to_json(line) FROM (
        SELECT id, url, description, event_types, enabled, created_at
        FROM money.webhook_endpoints WHERE owner_id = person ORDER BY id
    ) AS line;
END;

CREATE FUNCTION identity.export_money_limits(person uuid) RETURNS SETOF json
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT row_to_json(line) FROM (
        SELECT currency, NULL::date AS day, per_operation, per_day, NULL::bigint AS sent
        FROM money.limits WHERE owner_id = person
        UNION ALL
        SELECT currency, day, NULL, NULL, amount FROM money.spent WHERE owner_id = person
        ORDER BY currency, day
    ) AS line;
END;

CREATE FUNCTION identity.export_money_sent_to_people(person uuid) RETURNS SETOF json
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT row_to_json(line) FROM (
        SELECT transfer_id, recipient, amount, currency, expires_at
        FROM money.claims WHERE sender_id = person ORDER BY transfer_id
    ) AS line;
END;

CREATE FUNCTION identity.export_money_payment_requests(person uuid) RETURNS SETOF json
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT row_to_json(line) FROM (
        SELECT
            id, CASE person WHEN requester_id THEN 'you' ELSE 'somebody else' END AS asked_by,
            CASE person WHEN requester_id THEN account_id END AS account_id,
            CASE person WHEN requester_id THEN recipient END AS recipient,
            amount, currency, note, status, transfer_id, created_at, expires_at, decided_at
        FROM money.payment_requests
        WHERE requester_id = person OR person_id = person OR payer_id = person ORDER BY id
    ) AS line;
END;

CREATE FUNCTION identity.export_money_recurring_transfers(person uuid) RETURNS SETOF json
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT row_to_json(line) FROM (
        SELECT
            o.id, o.from_account_id, o.to_account_id, o.recipient, o.amount, o.currency, o.description, o.every, o.anchor_on,
            o.hour, o.start_on, o.end_on, o.times, o.status, o.created_at,
            ARRAY(
                SELECT json_build_object(
                    'date', r.scheduled_on, 'status', r.status, 'refused', r.refused, 'transfer_id', r.transfer_id
                )
                FROM money.recurring_runs AS r WHERE r.recurring_transfer_id = o.id ORDER BY r.scheduled_on
            ) AS runs
        FROM money.recurring_transfers AS o WHERE o.owner_id = person ORDER BY o.id
    ) AS line;
END;

CREATE FUNCTION identity.export_money_exchanges(person uuid) RETURNS SETOF json
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT row_to_json(line) FROM (
        SELECT
            q.id, q.from_account_id, q.to_account_id, q.sell_currency, q.sell_amount, q.buy_currency, q.buy_amount, q.rate,
            q.created_at, q.expires_at, e.transaction_id
        FROM money.quotes AS q LEFT JOIN money.exchanges AS e ON e.quote_id = q.id
        WHERE q.owner_id = person ORDER BY q.id
    ) AS line;
END;

-- What an administrator did. With whose money it was is other people's.
CREATE FUNCTION identity.export_money_actions(person uuid) RETURNS SETOF json
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT row_to_json(line) FROM (
        SELECT at, action, reason FROM money.actions WHERE actor_id = person ORDER BY id
    ) AS line;
END;

-- Erasure: their words and whatever points at them go. Who owes whom what stays, by an id that names nobody. ----------------

DROP TRIGGER append_only ON money.actions;
CREATE TRIGGER append_only BEFORE DELETE OR TRUNCATE ON money.actions
FOR EACH STATEMENT EXECUTE FUNCTION money.refuse_change();
CREATE TRIGGER stays_as_it_is BEFORE UPDATE ON money.actions
FOR EACH STATEMENT WHEN (current_setting('artel.erasing', true) IS DISTINCT FROM 'on')
EXECUTE FUNCTION money.refuse_change();
CREATE TRIGGER only_words_go BEFORE UPDATE ON money.actions
FOR EACH ROW WHEN (
    new.reason <> '' OR (new.id, new.at, new.actor_id, new.action, new.subject, new.detail)
    IS DISTINCT FROM (old.id, old.at, old.actor_id, old.action, old.subject, old.detail)
)
EXECUTE FUNCTION money.refuse_change();

CREATE FUNCTION money.erase(person uuid) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    address CONSTANT bytea := (SELECT identity.address_hash(email_key) FROM auth.users WHERE id = person);
BEGIN
    PERFORM set_config('artel.erasing', 'on', true);
    -- Quotes are locked before accounts.
    DELETE FROM money.quotes WHERE owner_id = person AND NOT used;
    -- By way of the accounts: there is no index on who made a transaction. A claim repeats the words of who sent.
    UPDATE money.transactions AS t SET description = ''
    FROM money.accounts AS a JOIN money.entries AS e ON e.account_id = a.id
    WHERE a.owner_id = person AND t.id = e.transaction_id AND t.created_by = person
        AND t.kind IN ('transfer', 'capture', 'refund', 'reversal') AND t.description <> '';
    UPDATE money.transactions AS t SET description = ''
    FROM money.claims AS c WHERE c.sender_id = person AND t.id = c.transaction_id AND t.description <> '';
    UPDATE money.holds SET description = '' WHERE created_by = person AND description <> '';
    UPDATE money.actions SET reason = '' WHERE actor_id = person AND reason <> '';
    UPDATE money.adjustments SET reason = 'erased' WHERE proposed_by = person;
    UPDATE money.sandbox_orders AS o SET instrument = NULL
    FROM money.payments AS p WHERE p.id = o.payment_id AND p.owner_id = person;
    UPDATE money.payments SET instrument = NULL, client_secret = NULL WHERE owner_id = person;
    DELETE FROM money.events WHERE owner_id = person;
    DELETE FROM money.webhook_endpoints WHERE owner_id = person;
    DELETE FROM money.limits WHERE owner_id = person;
    DELETE FROM money.spent WHERE owner_id = person;
    DELETE FROM money.arrivals WHERE person_id = person;
    DELETE FROM money.recurring_runs AS r
    USING money.recurring_transfers AS o WHERE o.id = r.recurring_transfer_id AND o.owner_id = person;
    DELETE FROM money.recurring_transfers WHERE owner_id = person;
    UPDATE money.claims SET recipient = '' WHERE sender_id = person;
    UPDATE money.payment_requests SET
        recipient = '', note = '',
        status = CASE status WHEN 'open' THEN 'canceled' ELSE status END,
        decided_at = coalesce(decided_at, clock_timestamp())
    WHERE requester_id = person;
    -- As others have called them. The hash of an address can be guessed, so a random one takes its place: what waits under it
    -- finds nobody, and comes back in its time.
    UPDATE money.claims SET recipient = '' WHERE person_id = person;
    UPDATE money.payment_requests SET recipient = '' WHERE person_id = person;
    UPDATE money.recurring_transfers SET recipient = '' WHERE person_id = person;
    UPDATE money.claims SET recipient = '', email_hash = sha256(uuid_send(gen_random_uuid())) WHERE email_hash = address;
    UPDATE money.payment_requests SET recipient = '', email_hash = sha256(uuid_send(gen_random_uuid()))
    WHERE email_hash = address;
    UPDATE money.recurring_transfers SET recipient = '', email_hash = sha256(uuid_send(gen_random_uuid()))
    WHERE email_hash = address;
    UPDATE money.accounts SET name = '' WHERE owner_id = person AND name <> '';
    DELETE FROM money.idempotency_keys WHERE principal_id = person;
    PERFORM set_config('artel.erasing', 'off', true);
END
$$;

CREATE FUNCTION posts.erase(person uuid) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    used uuid [];
BEGIN
    used := ARRAY(
        SELECT DISTINCT pt.tag_id FROM posts.post_tags AS pt JOIN posts.posts AS p ON p.id = pt.post_id
        WHERE p.author_id = person
    );
    DELETE FROM posts.post_tags WHERE post_id IN (SELECT id FROM posts.posts WHERE author_id = person);
    DELETE FROM posts.posts WHERE author_id = person;
    -- Words that nobody else has used.
    DELETE FROM posts.tags AS t
    WHERE t.id = ANY (used) AND NOT EXISTS (SELECT FROM posts.post_tags AS pt WHERE pt.tag_id = t.id);
END
$$;

CREATE FUNCTION analytics.erase(person uuid) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    DELETE FROM analytics.dataset_tables
    WHERE dataset_id IN (SELECT id FROM analytics.datasets WHERE user_id = person);
    DELETE FROM analytics.datasets WHERE user_id = person;
    DELETE FROM analytics.upload_problems
    WHERE upload_id IN (SELECT id FROM analytics.uploads WHERE user_id = person);
    DELETE FROM analytics.uploads WHERE user_id = person;
END
$$;

-- Erase what other groups hold of somebody who has deleted their account, and make the audit log forget where they were.
CREATE OR REPLACE FUNCTION identity.erase(person uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM FROM auth.users WHERE id = person AND deleted_at IS NOT NULL AND erased_at IS NULL FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'person % has not deleted the account', person USING ERRCODE = 'insufficient_privilege';
    END IF;
    PERFORM money.erase(person);
    PERFORM posts.erase(person);
    PERFORM analytics.erase(person);
    UPDATE auth.audit_log SET
        address = '', user_agent = '', request_id = '',
        detail = CASE user_id WHEN person THEN '{}' ELSE detail END
    WHERE user_id = person OR actor_id = person;
END
$$;

REVOKE ALL ON FUNCTION
    identity.export_money_holds, identity.export_money_payments, identity.export_money_events,
    identity.export_money_webhook_endpoints, identity.export_money_limits, identity.export_money_sent_to_people,
    identity.export_money_payment_requests, identity.export_money_recurring_transfers, identity.export_money_exchanges,
    identity.export_money_actions, money.erase, posts.erase, analytics.erase FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
    identity.export_money_holds, identity.export_money_payments, identity.export_money_events,
    identity.export_money_webhook_endpoints, identity.export_money_limits, identity.export_money_sent_to_people,
    identity.export_money_payment_requests, identity.export_money_recurring_transfers, identity.export_money_exchanges,
    identity.export_money_actions TO artel_auth;
