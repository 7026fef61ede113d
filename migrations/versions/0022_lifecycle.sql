-- A post as it was until it was edited; the newest version is the post itself. `editor_id`: who made this version.
CREATE TABLE posts.revisions (
    post_id uuid CONSTRAINT fk_revisions_post_id_posts REFERENCES posts.posts ON DELETE CASCADE,
    version integer,
    title text NOT NULL,
    body text NOT NULL,
    tags text [] NOT NULL,
    editor_id uuid,
    created_at timestamptz NOT NULL,
    CONSTRAINT pk_revisions PRIMARY KEY (post_id, version)
);
CREATE INDEX ix_revisions_editor_id ON posts.revisions (editor_id);
GRANT SELECT, INSERT ON posts.revisions TO artel_posts;
GRANT UPDATE (published_at) ON posts.post_tags TO artel_posts;

-- editor_id: who made the version that stands; null was the author. deleted_by: null, when nobody knows any more.
ALTER TABLE posts.posts ADD COLUMN editor_id uuid, ADD COLUMN deleted_by uuid;
UPDATE posts.posts SET deleted_by = author_id WHERE deleted_at IS NOT NULL;
CREATE INDEX ix_posts_deleted ON posts.posts (author_id, deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX ix_posts_deleted_at ON posts.posts (deleted_at) WHERE deleted_at IS NOT NULL;

-- Drafts and posts that wait are few; which wait, only the moment tells.
CREATE INDEX ix_posts_author_changed ON posts.posts (author_id, updated_at, id) WHERE deleted_at IS NULL;

-- Posts and all that hangs on them, for good. Words that nobody else has used go along.
CREATE FUNCTION posts.remove_posts(p_ids uuid []) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    used CONSTANT uuid [] := ARRAY(SELECT DISTINCT tag_id FROM posts.post_tags WHERE post_id = ANY (p_ids));
BEGIN
    DELETE FROM posts.post_tags WHERE post_id = ANY (p_ids);
    DELETE FROM posts.posts WHERE id = ANY (p_ids);
    DELETE FROM posts.tags AS t
    WHERE t.id = ANY (used) AND NOT EXISTS (SELECT FROM posts.post_tags AS pt WHERE pt.tag_id = t.id);
END
$$;

-- Really removes what was deleted 30 days ago and more. Returns how many posts.
CREATE FUNCTION posts.remove_deleted(p_most integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    ids CONSTANT uuid [] := ARRAY(
        SELECT id FROM posts.posts WHERE deleted_at < now() - interval '30 days'
        ORDER BY deleted_at LIMIT p_most FOR UPDATE SKIP LOCKED
    );
BEGIN
    PERFORM posts.remove_posts(ids);
    RETURN cardinality(ids);
END
$$;

CREATE FUNCTION identity.export_posts_revisions(person uuid) RETURNS SETOF json
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT row_to_json(line) FROM (
        SELECT r.post_id, r.version, r.title, r.body, r.tags, r.created_at
        FROM posts.revisions AS r JOIN posts.posts AS p ON p.id = r.post_id
        WHERE p.author_id = person OR r.editor_id = person ORDER BY r.post_id, r.version
    ) AS line;
END;

REVOKE ALL ON FUNCTION posts.remove_posts, posts.remove_deleted, identity.export_posts_revisions FROM PUBLIC;
GRANT EXECUTE ON FUNCTION posts.remove_deleted TO artel_posts;
GRANT EXECUTE ON FUNCTION identity.export_posts_revisions TO artel_auth;
