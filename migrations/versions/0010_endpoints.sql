-- Where people have events sent. Order of locks: the key, the endpoint, its deliveries.

-- event_types: names, or groups like `transfer.*`; none: all. secret: which of the derived secrets signs (money/webhooks/secrets.py);
-- those from old_secret on sign beside it until old_secret_until. failing_since: no delivery has succeeded since then.
CREATE TABLE money.webhook_endpoints (
    id uuid DEFAULT uuidv7() CONSTRAINT pk_webhook_endpoints PRIMARY KEY,
    owner_id uuid NOT NULL,
    url text NOT NULL,
    description text NOT NULL,
    event_types text [] NOT NULL,
    enabled boolean NOT NULL DEFAULT true,
    disabled_reason text
        CONSTRAINT ck_webhook_endpoints_disabled_reason CHECK (disabled_reason IN ('owner', 'gone', 'failing')),
    secret integer NOT NULL DEFAULT 1,
    old_secret integer,
    old_secret_until timestamptz,
    failing_since timestamptz,
    last_failed_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT ck_webhook_endpoints_disabled CHECK (enabled = (disabled_reason IS NULL))
);
CREATE INDEX ix_webhook_endpoints_owner_id_id ON money.webhook_endpoints (owner_id, id);

-- One event on its way to one endpoint. Whoever sends it holds leased_until, and is known by the number of the attempt: the
-- report of one that was given up for dead changes nothing. due_at: of the next attempt, as long as it is pending.
CREATE TABLE money.deliveries (
    id uuid DEFAULT uuidv7() CONSTRAINT pk_deliveries PRIMARY KEY,
    endpoint_id uuid NOT NULL CONSTRAINT fk_deliveries_endpoint_id_webhook_endpoints
        REFERENCES money.webhook_endpoints ON DELETE CASCADE,
    event_id uuid NOT NULL CONSTRAINT fk_deliveries_event_id_events REFERENCES money.events ON DELETE CASCADE,
    status text NOT NULL DEFAULT 'pending'
        CONSTRAINT ck_deliveries_status CHECK (status IN ('pending', 'delivered', 'failed')),
    attempts integer NOT NULL DEFAULT 0,
    due_at timestamptz NOT NULL DEFAULT now(),
    leased_until timestamptz,
    response_status smallint,
    response text NOT NULL DEFAULT '',
    error text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    CONSTRAINT ck_deliveries_finished CHECK ((status = 'pending') = (finished_at IS NULL))
);
CREATE INDEX ix_deliveries_endpoint_id_id ON money.deliveries (endpoint_id, id);
CREATE INDEX ix_deliveries_event_id ON money.deliveries (event_id);
CREATE INDEX ix_deliveries_endpoint_id_due_at ON money.deliveries (endpoint_id, due_at) WHERE status = 'pending';
CREATE INDEX ix_deliveries_endpoint_id ON money.deliveries (endpoint_id) WHERE leased_until IS NOT NULL;
-- Sent again while it is still being tried: once is enough.
CREATE UNIQUE INDEX uq_deliveries_endpoint_id_event_id ON money.deliveries (endpoint_id, event_id) WHERE status = 'pending';

-- What endpoints' secrets are derived from where no SECRET_KEY is configured: see 0033 in docs/decisions.
CREATE TABLE money.secrets (
    name text CONSTRAINT pk_secrets PRIMARY KEY,
    value bytea NOT NULL
);
INSERT INTO money.secrets
SELECT 'master', sha256(string_agg(uuid_send(gen_random_uuid()), '')) FROM generate_series(1, 4);

CREATE FUNCTION money.create_webhook_endpoint(
    p_principal uuid, p_key text, p_fingerprint bytea, p_url text, p_description text, p_event_types text []
) RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    most CONSTANT integer := 10;
    outcome jsonb := money.claim(p_principal, p_key, p_fingerprint);
    made uuid;
BEGIN
    IF outcome IS NOT NULL THEN
        RETURN outcome;
    END IF;
    -- Who makes two at once is counted twice.
    PERFORM pg_advisory_xact_lock(uuid_hash_extended(p_principal, 4173));
    IF (SELECT count(*) FROM money.webhook_endpoints WHERE owner_id = p_principal) >= most THEN
        RETURN money.refuse(p_principal, p_key, 'TooManyWebhookEndpoints');
    END IF;
    INSERT INTO money.webhook_endpoints (owner_id, url, description, event_types)
    VALUES (p_principal, p_url, p_description, p_event_types) RETURNING id INTO made;
    RETURN money.remember(p_principal, p_key, jsonb_build_object('endpoint_id', made));
END
$$;

-- null: as it is. What waits for an endpoint that is switched off is given up; what happens meanwhile is not kept for it.
CREATE FUNCTION money.change_webhook_endpoint(
    p_owner uuid, p_endpoint uuid, p_url text, p_description text, p_event_types text [], p_enabled boolean
) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE money.webhook_endpoints SET
        url = coalesce(p_url, url),
        description = coalesce(p_description, description),
        event_types = coalesce(p_event_types, event_types),
        enabled = coalesce(p_enabled, enabled),
        disabled_reason = CASE WHEN p_enabled THEN NULL WHEN enabled AND NOT p_enabled THEN 'owner' ELSE disabled_reason END,
        -- Another address, or another try: it has not failed yet.
        failing_since = CASE WHEN p_url <> url OR p_enabled AND NOT enabled THEN NULL ELSE failing_since END,
        updated_at = now()
    WHERE id = p_endpoint AND owner_id = p_owner;
    IF NOT FOUND THEN
        RETURN false;
    ELSIF NOT p_enabled THEN
        PERFORM money.give_up_deliveries(p_endpoint);
    END IF;
    RETURN true;
END
$$;

CREATE FUNCTION money.give_up_deliveries(p_endpoint uuid) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    UPDATE money.deliveries
    SET status = 'failed', finished_at = now(), leased_until = NULL, error = 'The endpoint was switched off.'
    WHERE endpoint_id = p_endpoint AND status = 'pending';
$$;

CREATE FUNCTION money.delete_webhook_endpoint(p_owner uuid, p_endpoint uuid) RETURNS boolean
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    DELETE FROM money.webhook_endpoints WHERE id = p_endpoint AND owner_id = p_owner RETURNING true;
$$;

-- The next secret, and which one that is. What signed until now goes on beside it for a day, three of them at most.
CREATE FUNCTION money.rotate_webhook_secret(p_principal uuid, p_key text, p_fingerprint bytea, p_endpoint uuid)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    outcome jsonb := money.claim(p_principal, p_key, p_fingerprint);
    rotated money.webhook_endpoints;
BEGIN
    IF outcome IS NOT NULL THEN
        RETURN outcome;
    END IF;
    UPDATE money.webhook_endpoints SET
        old_secret = CASE WHEN old_secret_until > now() THEN greatest(old_secret, secret - 2) ELSE secret END,
        old_secret_until = now() + interval '24 hours',
        secret = secret + 1,
        updated_at = now()
    WHERE id = p_endpoint AND owner_id = p_principal RETURNING * INTO rotated;
    IF NOT FOUND THEN
        RETURN money.refuse(p_principal, p_key, 'WebhookEndpointNotFound');
    END IF;
    RETURN money.remember(p_principal, p_key, jsonb_build_object(
        'endpoint_id', p_endpoint, 'secret', rotated.secret, 'old_until', rotated.old_secret_until
    ));
END
$$;

-- An event for this endpoint alone.
CREATE FUNCTION money.test_webhook_endpoint(p_principal uuid, p_key text, p_fingerprint bytea, p_endpoint uuid)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    outcome jsonb := money.claim(p_principal, p_key, p_fingerprint);
    endpoint money.webhook_endpoints;
    ping uuid;
    made uuid;
BEGIN
    IF outcome IS NOT NULL THEN
        RETURN outcome;
    END IF;
    SELECT * INTO endpoint FROM money.webhook_endpoints WHERE id = p_endpoint AND owner_id = p_principal FOR SHARE;
    IF endpoint.enabled IS NOT true THEN
        RETURN money.refuse(
            p_principal, p_key,
            CASE WHEN endpoint.id IS NULL THEN 'WebhookEndpointNotFound' ELSE 'WebhookEndpointDisabled' END
        );
    END IF;
    INSERT INTO money.events (owner_id, type, data)
    VALUES (p_principal, 'ping', jsonb_build_object('endpoint_id', p_endpoint)) RETURNING id INTO ping;
    INSERT INTO money.deliveries (endpoint_id, event_id) VALUES (p_endpoint, ping)
    RETURNING id INTO made;
    RETURN money.remember(p_principal, p_key, jsonb_build_object('delivery_id', made));
END
$$;

-- The same event once more, as a delivery of its own.
CREATE FUNCTION money.replay_delivery(
    p_principal uuid, p_key text, p_fingerprint bytea, p_endpoint uuid, p_delivery uuid
) RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    outcome jsonb := money.claim(p_principal, p_key, p_fingerprint);
    endpoint money.webhook_endpoints;
    event uuid;
    made uuid;
BEGIN
    IF outcome IS NOT NULL THEN
        RETURN outcome;
    END IF;
    SELECT * INTO endpoint FROM money.webhook_endpoints WHERE id = p_endpoint AND owner_id = p_principal FOR SHARE;
    IF NOT FOUND THEN
        RETURN money.refuse(p_principal, p_key, 'WebhookEndpointNotFound');
    END IF;
    SELECT event_id INTO event FROM money.deliveries WHERE id = p_delivery AND endpoint_id = p_endpoint;
    IF NOT FOUND THEN
        RETURN money.refuse(p_principal, p_key, 'DeliveryNotFound');
    ELSIF NOT endpoint.enabled THEN
        RETURN money.refuse(p_principal, p_key, 'WebhookEndpointDisabled');
    END IF;
    INSERT INTO money.deliveries (endpoint_id, event_id) VALUES (p_endpoint, event)
    ON CONFLICT (endpoint_id, event_id) WHERE status = 'pending' DO NOTHING RETURNING id INTO made;
    IF made IS NULL THEN
        RETURN money.refuse(p_principal, p_key, 'DeliveryPending');
    END IF;
    RETURN money.remember(p_principal, p_key, jsonb_build_object('delivery_id', made));
END
$$;

GRANT SELECT ON money.webhook_endpoints, money.deliveries, money.secrets TO artel_money;
REVOKE ALL ON FUNCTION
    money.create_webhook_endpoint, money.change_webhook_endpoint, money.give_up_deliveries, money.delete_webhook_endpoint,
    money.rotate_webhook_secret, money.test_webhook_endpoint, money.replay_delivery
FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
    money.create_webhook_endpoint, money.change_webhook_endpoint, money.delete_webhook_endpoint,
    money.rotate_webhook_secret, money.test_webhook_endpoint, money.replay_delivery
TO artel_money;
