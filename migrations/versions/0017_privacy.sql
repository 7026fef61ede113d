CREATE FUNCTION identity.export_posts_comments(person uuid) RETURNS SETOF json
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT row_to_json(line) FROM (
        SELECT id, post_id, parent_id, body, version, created_at, edited_at, deleted_at
        FROM posts.comments WHERE author_id = person ORDER BY id
    ) AS line;
END;

CREATE FUNCTION identity.export_posts_reactions(person uuid) RETURNS SETOF json
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT row_to_json(line) FROM (
        SELECT post_id, kind, created_at FROM posts.reactions WHERE person_id = person ORDER BY created_at, post_id, kind
    ) AS line;
END;

CREATE FUNCTION identity.export_posts_bookmarks(person uuid) RETURNS SETOF json
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT row_to_json(line) FROM (
        SELECT post_id, created_at FROM posts.bookmarks WHERE person_id = person ORDER BY created_at, post_id
    ) AS line;
END;

-- Of the people who are followed no more than what they are called by in public.
CREATE FUNCTION identity.export_posts_follows(person uuid) RETURNS SETOF json
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT row_to_json(line) FROM (
        SELECT 'author' AS kind, h.handle AS name, f.created_at
        FROM posts.followed_authors AS f LEFT JOIN identity.handles AS h ON h.person_id = f.author_id
        WHERE f.person_id = person
        UNION ALL
        SELECT 'tag', t.name, f.created_at
        FROM posts.followed_tags AS f JOIN posts.tags AS t ON t.id = f.tag_id WHERE f.person_id = person
        ORDER BY 3, 1, 2
    ) AS line;
END;

CREATE FUNCTION identity.export_posts_notifications(person uuid) RETURNS SETOF json
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT row_to_json(line) FROM (
        SELECT id, kind, post_id, comment_id, people, at, read_at, mailed_at
        FROM posts.notifications WHERE recipient_id = person ORDER BY at, id
    ) AS line;
END;

CREATE FUNCTION identity.export_posts_notification_settings(person uuid) RETURNS SETOF json
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT row_to_json(line) FROM (
        SELECT muted, digest FROM posts.notification_settings WHERE person_id = person
    ) AS line;
END;

CREATE FUNCTION posts.erase_community(person uuid) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    -- Others' answers keep their place in the thread.
    UPDATE posts.comments
    SET author_id = NULL, body = '', html = '', deleted_at = coalesce(deleted_at, now()), version = version + 1
    WHERE author_id = person;
    DELETE FROM posts.reactions WHERE person_id = person;
    DELETE FROM posts.bookmarks WHERE person_id = person;
    DELETE FROM posts.followed_authors WHERE person_id = person OR author_id = person;
    DELETE FROM posts.followed_tags WHERE person_id = person;
    DELETE FROM posts.notifications WHERE recipient_id = person OR actor_id = person;
    DELETE FROM posts.notification_settings WHERE person_id = person;
    DELETE FROM posts.digests WHERE person_id = person;
END
$$;

REVOKE ALL ON FUNCTION
    identity.export_posts_comments, identity.export_posts_reactions, identity.export_posts_bookmarks,
    identity.export_posts_follows, identity.export_posts_notifications, identity.export_posts_notification_settings,
    posts.erase_community FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
    identity.export_posts_comments, identity.export_posts_reactions, identity.export_posts_bookmarks,
    identity.export_posts_follows, identity.export_posts_notifications, identity.export_posts_notification_settings
    TO artel_auth;
