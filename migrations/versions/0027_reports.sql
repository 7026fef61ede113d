-- When a dashboard's owner wants a letter of it: `every` day, each week's `weekday` (1 is Monday) or each month's `day`, at
-- `hour` by the clocks of `time_zone`. `due_at`: the next one.
CREATE TABLE analytics.reports (
    dashboard_id uuid CONSTRAINT pk_reports PRIMARY KEY
        CONSTRAINT fk_reports_dashboard_id_dashboards REFERENCES analytics.dashboards ON DELETE CASCADE,
    every text NOT NULL CONSTRAINT ck_reports_every CHECK (every IN ('day', 'week', 'month')),
    weekday integer NOT NULL CONSTRAINT ck_reports_weekday CHECK (weekday BETWEEN 1 AND 7),
    day integer NOT NULL CONSTRAINT ck_reports_day CHECK (day BETWEEN 1 AND 28),
    hour integer NOT NULL CONSTRAINT ck_reports_hour CHECK (hour BETWEEN 0 AND 23),
    time_zone text NOT NULL,
    due_at timestamptz NOT NULL,
    sent_at timestamptz
);
CREATE INDEX ix_reports_due_at ON analytics.reports (due_at);
GRANT SELECT, INSERT, UPDATE, DELETE ON analytics.reports TO artel_analytics;

-- Whoever has put a report together has it go out: not if another did since. The address is null when there is nobody to
-- write to. The letter is to be handed to identity.queue_letter in the same transaction.
CREATE FUNCTION analytics.take_report(
    p_dashboard uuid, p_due timestamptz, p_next timestamptz, OUT taken boolean, OUT address text, OUT name text, OUT locale text
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE analytics.reports SET due_at = p_next, sent_at = now() WHERE dashboard_id = p_dashboard AND due_at = p_due;
    taken := FOUND;
    IF taken THEN
        SELECT u.email, u.display_name, u.locale INTO address, name, locale
        FROM auth.users AS u JOIN analytics.dashboards AS d ON d.user_id = u.id
        WHERE d.id = p_dashboard AND u.email_verified_at IS NOT NULL AND u.deleted_at IS NULL AND u.disabled_at IS NULL;
    END IF;
END
$$;
REVOKE ALL ON FUNCTION analytics.take_report FROM PUBLIC;
GRANT EXECUTE ON FUNCTION analytics.take_report, identity.queue_letter TO artel_analytics;

CREATE OR REPLACE FUNCTION identity.export_dashboards(person uuid) RETURNS SETOF json
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT row_to_json(line) FROM (
        SELECT
            d.id, d.dataset_id, d.name, d.widgets, d.filters, d.version, d.created_at, d.updated_at,
            ARRAY(
                SELECT json_build_object('id', s.id, 'created_at', s.created_at, 'expires_at', s.expires_at)
                FROM analytics.dashboard_shares AS s WHERE s.dashboard_id = d.id ORDER BY s.id
            ) AS shares,
            (
                SELECT json_build_object(
                    'every', r.every, 'weekday', r.weekday, 'day', r.day, 'hour', r.hour, 'time_zone', r.time_zone
                ) FROM analytics.reports AS r WHERE r.dashboard_id = d.id
            ) AS report
        FROM analytics.dashboards AS d WHERE d.user_id = person ORDER BY d.id
    ) AS line;
END;
