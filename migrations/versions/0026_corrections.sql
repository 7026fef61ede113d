-- What a person has told of columns, by table and column name, and what of it waits for the workbook to be read again.
-- `revision` counts the readings: each has files of its own, so that whoever reads the old ones is not disturbed.
ALTER TABLE analytics.datasets
    ADD COLUMN told jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN wanted jsonb,
    ADD COLUMN revision integer NOT NULL DEFAULT 0;
GRANT UPDATE (told, wanted, revision, notes, problems_count) ON analytics.datasets TO artel_analytics;

UPDATE analytics.dataset_tables SET columns = (
    SELECT jsonb_agg(c || jsonb_build_object('unit', NULL, 'read_role', c -> 'role', 'told', false) ORDER BY position)
    FROM jsonb_array_elements(columns) WITH ORDINALITY AS each (c, position)
);
