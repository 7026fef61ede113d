-- What a person's Idempotency-Key has made: a post or a comment.
CREATE TABLE posts.idempotency_keys (
    person_id uuid,
    key text,
    fingerprint bytea NOT NULL,
    subject_id uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_idempotency_keys PRIMARY KEY (person_id, key)
);
CREATE INDEX ix_idempotency_keys_created_at ON posts.idempotency_keys (created_at);
GRANT SELECT, INSERT, DELETE ON posts.idempotency_keys TO artel_posts;
-- FOR UPDATE SKIP LOCKED asks for it.
GRANT UPDATE (created_at) ON posts.idempotency_keys TO artel_posts;

CREATE FUNCTION identity.export_posts_requests(person uuid) RETURNS SETOF json
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT row_to_json(line) FROM (
        SELECT key AS idempotency_key, subject_id, created_at
        FROM posts.idempotency_keys WHERE person_id = person ORDER BY created_at, key
    ) AS line;
END;

CREATE OR REPLACE FUNCTION identity.export_posts(person uuid) RETURNS SETOF json
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT row_to_json(line) FROM (
        SELECT
            p.id, p.slug, p.title, p.body, p.version, p.created_at, p.updated_at, p.published_at, p.hidden_at, p.deleted_at,
            p.price_amount, p.price_currency, p.price_account_id,
            ARRAY(SELECT o.slug FROM posts.old_slugs AS o WHERE o.post_id = p.id ORDER BY o.slug) AS old_slugs,
            p.tags
        FROM posts.posts AS p WHERE p.author_id = person ORDER BY p.id
    ) AS line;
END;

CREATE OR REPLACE FUNCTION posts.erase(person uuid) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM posts.erase_community(person);
    PERFORM posts.erase_media(person);
    DELETE FROM posts.idempotency_keys WHERE person_id = person;
    UPDATE posts.revisions SET editor_id = NULL WHERE editor_id = person;
    UPDATE posts.posts SET
        editor_id = CASE editor_id WHEN person THEN NULL ELSE editor_id END,
        deleted_by = CASE deleted_by WHEN person THEN NULL ELSE deleted_by END
    WHERE editor_id = person OR deleted_by = person;
    PERFORM posts.remove_posts(ARRAY(SELECT id FROM posts.posts WHERE author_id = person));
END
$$;

REVOKE ALL ON FUNCTION identity.export_posts_requests FROM PUBLIC;
GRANT EXECUTE ON FUNCTION identity.export_posts_requests TO artel_auth;
