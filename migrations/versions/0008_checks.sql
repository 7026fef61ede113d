-- When each check of the books is due next, and what it found. `position`: the next seal to look at.
CREATE TABLE money.checks (
    name text CONSTRAINT pk_checks PRIMARY KEY,
    due_at timestamptz NOT NULL DEFAULT now(),
    checked_at timestamptz,
    position bigint NOT NULL DEFAULT 1,
    problems jsonb NOT NULL DEFAULT '[]'
);
INSERT INTO money.checks (name) VALUES ('books'), ('seals');
GRANT SELECT, UPDATE ON money.checks TO artel_money;
