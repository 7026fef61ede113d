-- How many comments and reactions a post has, without a row that everybody who reacts would wait for: each change is a row of
-- its own, and background work adds them up. A count is what was added up and what still waits, in one statement.
CREATE TABLE posts.counters (
    post_id uuid CONSTRAINT fk_counters_post_id_posts REFERENCES posts.posts ON DELETE CASCADE,
    kind text,
    total bigint NOT NULL,
    CONSTRAINT pk_counters PRIMARY KEY (post_id, kind)
);
-- `kind`: of a reaction, or comments.
CREATE TABLE posts.counter_deltas (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_counter_deltas PRIMARY KEY,
    post_id uuid NOT NULL,
    kind text NOT NULL,
    delta integer NOT NULL
);
CREATE INDEX ix_counter_deltas_post_id ON posts.counter_deltas (post_id);
GRANT SELECT, INSERT, UPDATE ON posts.counters TO artel_posts;
GRANT SELECT, INSERT, DELETE ON posts.counter_deltas TO artel_posts;
-- FOR UPDATE SKIP LOCKED asks for it.
GRANT UPDATE (delta) ON posts.counter_deltas TO artel_posts;

CREATE VIEW posts.counts AS
    SELECT post_id, kind, sum(n)::bigint AS total
    FROM (
        SELECT post_id, kind, total AS n FROM posts.counters
        UNION ALL
        SELECT post_id, kind, delta FROM posts.counter_deltas
    ) AS parts
    GROUP BY post_id, kind;
GRANT SELECT ON posts.counts TO artel_posts;

-- Triggers, so that a count agrees with the rows whoever writes them, erasure included.
CREATE FUNCTION posts.count_reaction() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO posts.counter_deltas (post_id, kind, delta) VALUES (NEW.post_id, NEW.kind, 1);
    ELSE
        INSERT INTO posts.counter_deltas (post_id, kind, delta) VALUES (OLD.post_id, OLD.kind, -1);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER count_reaction AFTER INSERT OR DELETE ON posts.reactions
FOR EACH ROW EXECUTE FUNCTION posts.count_reaction();

CREATE FUNCTION posts.count_comment() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    change integer := 0;
BEGIN
    IF TG_OP <> 'INSERT' AND OLD.deleted_at IS NULL THEN
        change := change - 1;
    END IF;
    IF TG_OP <> 'DELETE' AND NEW.deleted_at IS NULL THEN
        change := change + 1;
    END IF;
    IF change <> 0 THEN
        INSERT INTO posts.counter_deltas (post_id, kind, delta)
        VALUES (CASE TG_OP WHEN 'DELETE' THEN OLD.post_id ELSE NEW.post_id END, 'comments', change);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER count_comment AFTER INSERT OR DELETE OR UPDATE OF deleted_at ON posts.comments
FOR EACH ROW EXECUTE FUNCTION posts.count_comment();

-- Adds up to `most` waiting changes. DELETE … RETURNING takes exactly what it moves, whatever is committed meanwhile.
-- Whom the reactions are news for is told from here, once for many. Returns how many were taken.
CREATE FUNCTION posts.fold_counters(most integer) RETURNS integer
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    WITH taken AS (
        DELETE FROM posts.counter_deltas WHERE id IN (
            SELECT id FROM posts.counter_deltas ORDER BY id LIMIT most FOR UPDATE SKIP LOCKED
        ) RETURNING *
    ), sums AS (
        SELECT t.post_id, t.kind, sum(t.delta) AS change, bool_or(t.delta > 0) AS more
        FROM taken AS t WHERE EXISTS (SELECT FROM posts.posts AS p WHERE p.id = t.post_id)
        GROUP BY t.post_id, t.kind
    ), folded AS (
        INSERT INTO posts.counters AS c (post_id, kind, total)
        SELECT post_id, kind, change FROM sums ORDER BY post_id, kind
        ON CONFLICT (post_id, kind) DO UPDATE SET total = c.total + excluded.total
    ), news AS (
        INSERT INTO posts.happenings (kind, post_id)
        SELECT DISTINCT 'reaction', post_id FROM sums WHERE more AND kind <> 'comments'
    )
    SELECT count(*)::integer FROM taken;
$$;
REVOKE ALL ON FUNCTION posts.fold_counters, posts.count_reaction, posts.count_comment FROM PUBLIC;
GRANT EXECUTE ON FUNCTION posts.fold_counters TO artel_posts;
