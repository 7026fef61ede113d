-- Up to where events have been laid ready for endpoints: positions are given in the order of their commits, so none is left out.
CREATE TABLE money.webhook_mark (
    position bigint NOT NULL
);
INSERT INTO money.webhook_mark SELECT coalesce(max(position), 0) FROM money.events;

-- Lays what was announced ready for the endpoints that want it. It is no trigger: whoever moves money neither waits for an
-- endpoint's row nor fails because of one. One at a time; a second one does nothing. Returns how many events it looked at.
CREATE FUNCTION money.fan_out(p_most integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    mark bigint;
    upto bigint;
    events integer;
BEGIN
    SELECT position INTO mark FROM money.webhook_mark FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN 0;
    END IF;
    SELECT max(e.position), count(*) INTO upto, events
    FROM (SELECT position FROM money.events WHERE position > mark ORDER BY position LIMIT p_most) AS e;
    IF events = 0 THEN
        RETURN 0;
    END IF;
    -- Who switches an endpoint off waits until its deliveries are there to be given up.
    PERFORM FROM money.webhook_endpoints AS w
    WHERE w.enabled AND w.owner_id IN (SELECT e.owner_id FROM money.events AS e WHERE e.position > mark AND e.position <= upto)
    ORDER BY w.id FOR SHARE;
    INSERT INTO money.deliveries (endpoint_id, event_id)
    SELECT w.id, e.id
    FROM money.events AS e
    JOIN money.webhook_endpoints AS w ON w.owner_id = e.owner_id AND w.enabled
    WHERE e.position > mark AND e.position <= upto AND e.type <> 'ping'
        AND (w.event_types = '{}' OR w.event_types && ARRAY[e.type, split_part(e.type, '.', 1) || '.*'])
    ORDER BY e.position, w.id;
    UPDATE money.webhook_mark SET position = upto;
    RETURN events;
END
$$;

-- Takes deliveries that are due, so that nobody else takes them for p_lease. Each owner gets one before any gets a second, and so
-- do the endpoints of one owner; about p_endpoint and p_owner are under way for each at most. Lines of an endpoint are found without
-- looking at another's, however many wait there: see ix_deliveries_endpoint_id_due_at.
CREATE FUNCTION money.take_deliveries(p_most integer, p_endpoint integer, p_owner integer, p_lease interval) RETURNS TABLE (
    id uuid, attempt integer, endpoint_id uuid, url text, first_secret integer, last_secret integer,
    event_id uuid, type text, data jsonb, happened_at timestamptz
) LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    WITH RECURSIVE waiting AS (
        (
            SELECT d.endpoint_id, d.due_at FROM money.deliveries AS d
            WHERE d.status = 'pending' ORDER BY d.endpoint_id, d.due_at LIMIT 1
        )
        UNION ALL
        SELECT n.endpoint_id, n.due_at
        FROM waiting AS w
        CROSS JOIN LATERAL (
            SELECT d.endpoint_id, d.due_at FROM money.deliveries AS d
            WHERE d.status = 'pending' AND d.endpoint_id > w.endpoint_id ORDER BY d.endpoint_id, d.due_at LIMIT 1
        ) AS n
    ), busy AS (
        SELECT b.*, sum(b.leases) OVER (PARTITION BY b.owner_id) AS of_owner
        FROM (
            SELECT e.id, e.owner_id, (
                SELECT count(*) FROM money.deliveries AS d
                WHERE d.endpoint_id = e.id AND d.leased_until IS NOT NULL AND d.leased_until > now()
            ) AS leases
            FROM waiting AS w JOIN money.webhook_endpoints AS e ON e.id = w.endpoint_id
            WHERE w.due_at <= now()
        ) AS b
    ), due AS (
        SELECT
            n.id, n.due_at, b.owner_id, b.of_owner,
            b.leases + row_number() OVER (PARTITION BY b.id ORDER BY n.due_at) AS turn
        FROM busy AS b
        CROSS JOIN LATERAL (
            SELECT d.id, d.due_at FROM money.deliveries AS d
            WHERE d.endpoint_id = b.id AND d.status = 'pending' AND d.due_at <= now()
                AND (d.leased_until IS NULL OR d.leased_until <= now())
            ORDER BY d.due_at LIMIT greatest(p_endpoint - b.leases, 0) FOR UPDATE SKIP LOCKED
        ) AS n
    ), mine AS (
        SELECT o.id FROM (
            SELECT
                due.id, due.due_at,
                due.of_owner + row_number() OVER (PARTITION BY due.owner_id ORDER BY due.turn, due.due_at) AS turn
            FROM due
        ) AS o
        WHERE o.turn <= p_owner ORDER BY o.turn, o.due_at LIMIT p_most
    )
    UPDATE money.deliveries AS d SET attempts = d.attempts + 1, leased_until = now() + p_lease
    FROM mine, money.webhook_endpoints AS w, money.events AS e
    WHERE d.id = mine.id AND w.id = d.endpoint_id AND e.id = d.event_id
    RETURNING
        d.id, d.attempts, w.id, w.url, CASE WHEN w.old_secret_until > now() THEN w.old_secret ELSE w.secret END, w.secret,
        e.id, e.type, e.data, e.created_at;
$$;

-- What became of an attempt. p_status: the answer's, or null if there was none. p_wait: until the next attempt; null: that was
-- the last one. p_url: where it went; if that is not the endpoint's address any more, the endpoint is not to blame.
CREATE FUNCTION money.report_delivery(
    p_delivery uuid, p_attempt integer, p_url text, p_status integer, p_response text, p_error text, p_wait interval
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    patience CONSTANT interval := '5 days';
    -- Longer than any wait between two attempts: who fails after such a pause begins to fail anew.
    pause CONSTANT interval := '2 days';
    succeeded CONSTANT boolean := coalesce(p_status BETWEEN 200 AND 299, false);
    endpoint money.webhook_endpoints;
BEGIN
    SELECT w.* INTO endpoint FROM money.webhook_endpoints AS w
    JOIN money.deliveries AS d ON d.endpoint_id = w.id
    WHERE d.id = p_delivery AND d.attempts = p_attempt;
    IF NOT FOUND THEN
        RETURN;
    ELSIF succeeded AND endpoint.failing_since IS NOT NULL AND endpoint.url = p_url THEN
        UPDATE money.webhook_endpoints SET failing_since = NULL WHERE id = endpoint.id AND url = p_url;
    ELSIF NOT succeeded THEN
        UPDATE money.webhook_endpoints SET
            failing_since = CASE WHEN last_failed_at > now() - pause THEN coalesce(failing_since, now()) ELSE now() END,
            last_failed_at = now()
        WHERE id = endpoint.id AND url = p_url RETURNING * INTO endpoint;
    END IF;
    UPDATE money.deliveries AS d SET
        response_status = p_status, response = p_response, error = p_error, leased_until = NULL,
        status = n.status, due_at = CASE n.status WHEN 'pending' THEN now() + p_wait ELSE d.due_at END,
        finished_at = CASE WHEN n.status <> 'pending' THEN now() END
    FROM (
        -- One that was given up meanwhile stays given up, unless it has arrived.
        SELECT f.id, CASE WHEN succeeded THEN 'delivered' WHEN p_wait IS NULL THEN 'failed' ELSE f.status END AS status
        FROM money.deliveries AS f WHERE f.id = p_delivery AND f.attempts = p_attempt FOR UPDATE
    ) AS n
    WHERE d.id = n.id;
    IF NOT succeeded AND (p_status = 410 OR endpoint.failing_since <= now() - patience) THEN
        PERFORM money.disable_webhook_endpoint(endpoint.id, CASE p_status WHEN 410 THEN 'gone' ELSE 'failing' END);
    END IF;
END
$$;

CREATE FUNCTION money.disable_webhook_endpoint(p_endpoint uuid, p_reason text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    owner uuid;
BEGIN
    UPDATE money.webhook_endpoints SET enabled = false, disabled_reason = p_reason, updated_at = now()
    WHERE id = p_endpoint AND enabled RETURNING owner_id INTO owner;
    IF FOUND THEN
        PERFORM money.give_up_deliveries(p_endpoint);
        PERFORM money.tell(
            owner, 'webhook_endpoint.disabled', jsonb_build_object('endpoint_id', p_endpoint, 'reason', p_reason)
        );
    END IF;
END
$$;

REVOKE ALL ON FUNCTION
    money.fan_out, money.take_deliveries, money.report_delivery, money.disable_webhook_endpoint
FROM PUBLIC;
GRANT EXECUTE ON FUNCTION money.fan_out, money.take_deliveries, money.report_delivery TO artel_money;
