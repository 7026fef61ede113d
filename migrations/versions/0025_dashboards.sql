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

CREATE FUNCTION identity.export_dashboards(person uuid) RETURNS SETOF json
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT row_to_json(line) FROM (
        SELECT id, dataset_id, name, widgets, filters, version, created_at, updated_at
        FROM analytics.dashboards WHERE user_id = person ORDER BY id
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
