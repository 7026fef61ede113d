-- What was reported and waits for a moderator: one open case a subject, however many report it.
CREATE TABLE posts.moderation_cases (
    id uuid DEFAULT uuidv7() CONSTRAINT pk_moderation_cases PRIMARY KEY,
    subject_kind text NOT NULL CONSTRAINT ck_moderation_cases_subject_kind CHECK (subject_kind IN ('post', 'comment')),
    subject_id uuid NOT NULL,
    reports integer NOT NULL DEFAULT 0,
    opened_at timestamptz NOT NULL DEFAULT now(),
    closed_at timestamptz
);
CREATE UNIQUE INDEX uq_moderation_cases_open ON posts.moderation_cases (subject_kind, subject_id) WHERE closed_at IS NULL;
CREATE INDEX ix_moderation_cases_opened_at_id ON posts.moderation_cases (opened_at, id) WHERE closed_at IS NULL;

CREATE TABLE posts.reports (
    case_id uuid CONSTRAINT fk_reports_case_id_moderation_cases REFERENCES posts.moderation_cases,
    reporter_id uuid,
    reason text NOT NULL CONSTRAINT ck_reports_reason CHECK (
        reason IN ('spam', 'abuse', 'hate', 'sexual', 'violence', 'illegal', 'copyright', 'personal_data', 'other')
    ),
    words text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_reports PRIMARY KEY (case_id, reporter_id)
);
CREATE INDEX ix_reports_reporter_id_created_at ON posts.reports (reporter_id, created_at);

CREATE TABLE posts.moderation_actions (
    id uuid DEFAULT uuidv7() CONSTRAINT pk_moderation_actions PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT now(),
    actor_id uuid NOT NULL,
    subject_kind text NOT NULL CONSTRAINT ck_moderation_actions_subject_kind CHECK (subject_kind IN ('post', 'comment')),
    subject_id uuid NOT NULL,
    action text NOT NULL CONSTRAINT ck_moderation_actions_action CHECK (action IN ('dismiss', 'hide', 'remove', 'restore')),
    reason text NOT NULL,
    case_id uuid CONSTRAINT fk_moderation_actions_case_id_moderation_cases REFERENCES posts.moderation_cases
);
CREATE INDEX ix_moderation_actions_subject_id_id ON posts.moderation_actions (subject_id, id);
CREATE INDEX ix_moderation_actions_actor_id_id ON posts.moderation_actions (actor_id, id);

-- An author's objection to what was done to a text of theirs: once for each time.
CREATE TABLE posts.appeals (
    action_id uuid CONSTRAINT pk_appeals PRIMARY KEY
        CONSTRAINT fk_appeals_action_id_moderation_actions REFERENCES posts.moderation_actions,
    case_id uuid NOT NULL CONSTRAINT fk_appeals_case_id_moderation_cases REFERENCES posts.moderation_cases,
    words text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ix_appeals_case_id ON posts.appeals (case_id);

GRANT SELECT, INSERT, UPDATE ON posts.moderation_cases TO artel_posts;
GRANT SELECT, INSERT ON posts.reports, posts.moderation_actions, posts.appeals TO artel_posts;
