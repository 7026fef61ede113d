-- How many shown posts have a tag, kept as the counters of posts are: each change is a row of its own, background work adds
-- them up, and a count is what was added up and what still waits. A post that waits for its moment counts from then on.
ALTER TABLE posts.tags ADD COLUMN posts bigint NOT NULL DEFAULT 0;
CREATE INDEX ix_tags_posts ON posts.tags (posts DESC, name);
CREATE TABLE posts.tag_deltas (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_tag_deltas PRIMARY KEY,
    tag_id uuid NOT NULL CONSTRAINT fk_tag_deltas_tag_id_tags REFERENCES posts.tags ON DELETE CASCADE,
    delta integer NOT NULL,
    at timestamptz NOT NULL
);
CREATE INDEX ix_tag_deltas_tag_id ON posts.tag_deltas (tag_id);
CREATE INDEX ix_tag_deltas_at ON posts.tag_deltas (at);
GRANT SELECT ON posts.tag_deltas TO artel_posts;

CREATE FUNCTION posts.count_tags() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND (OLD.tag_ids, OLD.published_at) IS NOT DISTINCT FROM (NEW.tag_ids, NEW.published_at) THEN
        RETURN NULL;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        INSERT INTO posts.tag_deltas (tag_id, delta, at)
        SELECT t.id, -1, OLD.published_at FROM posts.tags AS t WHERE t.id = ANY (OLD.tag_ids) ORDER BY t.id;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO posts.tag_deltas (tag_id, delta, at)
        SELECT t.id, 1, NEW.published_at FROM posts.tags AS t WHERE t.id = ANY (NEW.tag_ids) ORDER BY t.id;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER count_tags AFTER INSERT OR DELETE OR UPDATE ON posts.search_documents
FOR EACH ROW EXECUTE FUNCTION posts.count_tags();

-- Adds up to `most` changes that are due. Returns how many were taken.
CREATE FUNCTION posts.fold_tag_counts(most integer) RETURNS integer
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    WITH taken AS (
        DELETE FROM posts.tag_deltas WHERE id IN (
            SELECT id FROM posts.tag_deltas WHERE at <= now() ORDER BY id LIMIT most FOR UPDATE SKIP LOCKED
        ) RETURNING tag_id, delta
    ), sums AS (
        SELECT t.id, s.change
        FROM (SELECT tag_id, sum(delta) AS change FROM taken GROUP BY tag_id) AS s JOIN posts.tags AS t ON t.id = s.tag_id
        WHERE s.change <> 0 ORDER BY t.id FOR NO KEY UPDATE OF t
    ), folded AS (
        UPDATE posts.tags AS t SET posts = t.posts + s.change FROM sums AS s WHERE t.id = s.id
    )
    SELECT count(*)::integer FROM taken;
$$;

-- The hundred most used.
CREATE VIEW posts.popular_tags AS
    WITH due AS (
        SELECT tag_id, sum(delta) AS change FROM posts.tag_deltas WHERE at <= now() GROUP BY tag_id
    ), candidates AS (
        (SELECT id FROM posts.tags ORDER BY posts DESC, name LIMIT 200) UNION SELECT tag_id FROM due
    )
    SELECT t.name, (t.posts + coalesce(d.change, 0))::bigint AS posts
    FROM candidates AS c JOIN posts.tags AS t ON t.id = c.id LEFT JOIN due AS d ON d.tag_id = t.id
    WHERE t.posts + coalesce(d.change, 0) > 0
    ORDER BY 2 DESC, 1 LIMIT 100;
GRANT SELECT ON posts.popular_tags TO artel_posts;

REVOKE ALL ON FUNCTION posts.count_tags, posts.fold_tag_counts FROM PUBLIC;
GRANT EXECUTE ON FUNCTION posts.fold_tag_counts TO artel_posts;

SELECT posts.index_posts(ARRAY(SELECT id FROM posts.posts));
