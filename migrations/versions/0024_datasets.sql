-- Files of what was deleted, until they are. `key` ends with a slash when all is meant that stands under it.
CREATE TABLE analytics.stale_files (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_stale_files PRIMARY KEY,
    bucket text NOT NULL,
    key text NOT NULL,
    since timestamptz NOT NULL DEFAULT now()
);
GRANT SELECT, INSERT, DELETE ON analytics.stale_files TO artel_analytics;
-- FOR UPDATE SKIP LOCKED asks for it.
GRANT UPDATE (since) ON analytics.stale_files TO artel_analytics;

-- When the file of an upload that failed was put away: from then on it cannot be tried again.
ALTER TABLE analytics.uploads ADD COLUMN file_deleted_at timestamptz;
CREATE INDEX ix_uploads_failed ON analytics.uploads (finished_at) WHERE state = 'failed' AND file_deleted_at IS NULL;

GRANT DELETE ON analytics.uploads, analytics.upload_problems, analytics.datasets, analytics.dataset_tables TO artel_analytics;
GRANT UPDATE (name) ON analytics.datasets TO artel_analytics;
GRANT UPDATE (columns) ON analytics.dataset_tables TO artel_analytics;

-- A file belongs to every upload of its key: another content may have come under the same name since.
CREATE FUNCTION analytics.leave_file(p_bucket text, p_key text) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO analytics.stale_files (bucket, key)
    SELECT p_bucket, p_key
    WHERE NOT EXISTS (
        SELECT FROM analytics.uploads AS u WHERE u.bucket = p_bucket AND u.key = p_key AND u.file_deleted_at IS NULL
    );
$$;
REVOKE ALL ON FUNCTION analytics.leave_file FROM PUBLIC;
GRANT EXECUTE ON FUNCTION analytics.leave_file TO artel_analytics;
