-- What people look at: widgets over datasets and money, as data. A dashboard that was made for a dataset goes with it.
CREATE TABLE analytics.dashboards (
    id uuid DEFAULT uuidv7() CONSTRAINT pk_dashboards PRIMARY KEY,
    user_id uuid NOT NULL,
    dataset_id uuid CONSTRAINT fk_dashboards_dataset_id_datasets REFERENCES analytics.datasets ON DELETE CASCADE,
    name text NOT NULL,
    widgets jsonb NOT NULL,
    filters jsonb NOT NULL,
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ix_dashboards_newest ON analytics.dashboards (user_id, created_at, id);
CREATE UNIQUE INDEX uq_dashboards_dataset_id ON analytics.dashboards (dataset_id) WHERE dataset_id IS NOT NULL;
GRANT SELECT, INSERT, UPDATE, DELETE ON analytics.dashboards TO artel_analytics;

-- Links by which anybody may look at a dashboard. Who has the token has the link; here is only what it is known by.
CREATE TABLE analytics.dashboard_shares (
    id uuid DEFAULT uuidv7() CONSTRAINT pk_dashboard_shares PRIMARY KEY,
    dashboard_id uuid NOT NULL CONSTRAINT fk_dashboard_shares_dashboard_id_dashboards
        REFERENCES analytics.dashboards ON DELETE CASCADE,
    token_hash bytea NOT NULL CONSTRAINT uq_dashboard_shares_token_hash UNIQUE,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz
);
CREATE INDEX ix_dashboard_shares_dashboard_id ON analytics.dashboard_shares (dashboard_id);
GRANT SELECT, INSERT, DELETE ON analytics.dashboard_shares TO artel_analytics;
GRANT SELECT ON identity.here TO artel_analytics;

CREATE FUNCTION identity.export_dashboards(person uuid) RETURNS SETOF json
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT row_to_json(line) FROM (
        SELECT
            d.id, d.dataset_id, d.name, d.widgets, d.filters, d.version, d.created_at, d.updated_at,
            ARRAY(
                SELECT json_build_object('id', s.id, 'created_at', s.created_at, 'expires_at', s.expires_at)
                FROM analytics.dashboard_shares AS s WHERE s.dashboard_id = d.id ORDER BY s.id
            ) AS shares
        FROM analytics.dashboards AS d WHERE d.user_id = person ORDER BY d.id
    ) AS line;
END;

CREATE OR REPLACE FUNCTION analytics.erase(person uuid) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    DELETE FROM analytics.dashboards WHERE user_id = person;
    DELETE FROM analytics.dataset_tables
    WHERE dataset_id IN (SELECT id FROM analytics.datasets WHERE user_id = person);
    DELETE FROM analytics.datasets WHERE user_id = person;
    DELETE FROM analytics.upload_problems
    WHERE upload_id IN (SELECT id FROM analytics.uploads WHERE user_id = person);
    DELETE FROM analytics.uploads WHERE user_id = person;
END
$$;

REVOKE ALL ON FUNCTION identity.export_dashboards FROM PUBLIC;
GRANT EXECUTE ON FUNCTION identity.export_dashboards TO artel_auth;
