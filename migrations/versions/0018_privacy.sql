CREATE FUNCTION identity.export_posts_purchases(person uuid) RETURNS SETOF json
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT row_to_json(line) FROM (
        SELECT post_id, amount, currency, payee_account_id, status, transaction_id, created_at, paid_at
        FROM posts.purchases WHERE reader_id = person ORDER BY id
    ) AS line;
END;

CREATE FUNCTION identity.export_posts_reports(person uuid) RETURNS SETOF json
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT row_to_json(line) FROM (
        SELECT c.subject_kind, c.subject_id, r.reason, r.words, r.created_at
        FROM posts.reports AS r JOIN posts.moderation_cases AS c ON c.id = r.case_id
        WHERE r.reporter_id = person ORDER BY r.created_at
    ) AS line;
END;

-- What a moderator did, and what was done to this person's posts: by whom is not said.
CREATE FUNCTION identity.export_posts_moderation(person uuid) RETURNS SETOF json
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT row_to_json(line) FROM (
        SELECT
            a.at, CASE person WHEN a.actor_id THEN 'you' ELSE 'a moderator' END AS by, a.subject_kind, a.subject_id,
            a.action, a.reason, CASE WHEN a.actor_id <> person THEN e.words END AS appeal
        FROM posts.moderation_actions AS a LEFT JOIN posts.appeals AS e ON e.action_id = a.id
        WHERE a.actor_id = person OR a.action <> 'dismiss' AND a.subject_kind = 'post'
            AND EXISTS (SELECT FROM posts.posts AS p WHERE p.id = a.subject_id AND p.author_id = person)
        ORDER BY a.id
    ) AS line;
END;

CREATE FUNCTION identity.export_posts_images(person uuid) RETURNS SETOF json
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT row_to_json(line) FROM (
        SELECT id, state, width, height, sizes, created_at FROM posts.images WHERE owner_id = person ORDER BY created_at, id
    ) AS line;
END;

-- As in 0007_privacy.sql, and the pictures: a folder each.
CREATE OR REPLACE FUNCTION identity.stored_files(person uuid)
    RETURNS TABLE (bucket text, key text, upload_id uuid, filename text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT u.bucket, u.key, u.id, u.filename FROM analytics.uploads AS u WHERE u.user_id = person
    UNION ALL
    SELECT t.bucket, t.key, NULL, NULL
    FROM analytics.datasets AS d JOIN analytics.dataset_tables AS t ON t.dataset_id = d.id
    WHERE d.user_id = person
    UNION ALL
    SELECT i.bucket, i.folder, NULL, NULL FROM posts.images AS i WHERE i.owner_id = person;
END;

-- Of each picture the largest copy: the file as it was sent is not kept.
CREATE FUNCTION identity.stored_pictures(person uuid) RETURNS TABLE (bucket text, key text, id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT i.bucket, i.folder || i.sizes[cardinality(i.sizes)] || '.webp', i.id
    FROM posts.images AS i WHERE i.owner_id = person AND i.state = 'ready' ORDER BY i.created_at, i.id;
END;

-- What was paid stays, for the seller's books; offers that were not taken, words and pictures go.
CREATE FUNCTION posts.erase_media(person uuid) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    theirs CONSTANT uuid [] := ARRAY(SELECT id FROM posts.posts WHERE author_id = person);
BEGIN
    DELETE FROM posts.purchases WHERE reader_id = person AND paid_at IS NULL;
    UPDATE posts.reports AS r SET words = ''
    FROM posts.moderation_cases AS c
    WHERE c.id = r.case_id AND r.words <> ''
        AND (r.reporter_id = person OR c.subject_kind = 'post' AND c.subject_id = ANY (theirs));
    UPDATE posts.moderation_actions SET reason = ''
    WHERE reason <> '' AND (actor_id = person OR subject_kind = 'post' AND subject_id = ANY (theirs));
    UPDATE posts.moderation_cases SET closed_at = now()
    WHERE closed_at IS NULL AND subject_kind = 'post' AND subject_id = ANY (theirs);
    UPDATE posts.appeals SET words = ''
    WHERE words <> '' AND action_id IN (
        SELECT id FROM posts.moderation_actions WHERE subject_kind = 'post' AND subject_id = ANY (theirs)
    );
    DELETE FROM posts.images WHERE owner_id = person;
END
$$;

REVOKE ALL ON FUNCTION
    identity.export_posts_purchases, identity.export_posts_reports, identity.export_posts_moderation,
    identity.export_posts_images, identity.stored_pictures, posts.erase_media FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
    identity.export_posts_purchases, identity.export_posts_reports, identity.export_posts_moderation,
    identity.export_posts_images, identity.stored_pictures TO artel_auth;
