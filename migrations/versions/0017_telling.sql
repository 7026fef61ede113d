-- Who is told of what. Nobody is told of their own doing, of what they may not see, or of what they have muted.

-- Whether what it is about can still be seen.
CREATE FUNCTION posts.shows(n posts.notifications) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT (n.post_id IS NULL OR EXISTS (
        SELECT FROM posts.posts AS p
        WHERE p.id = n.post_id AND p.deleted_at IS NULL AND p.hidden_at IS NULL AND p.published_at <= now()
    )) AND (n.comment_id IS NULL OR EXISTS (
        SELECT FROM posts.comments AS c WHERE c.id = n.comment_id AND c.deleted_at IS NULL
    ));
$$;

CREATE FUNCTION posts.wants(person uuid, what text) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT NOT EXISTS (SELECT FROM posts.notification_settings WHERE person_id = person AND what = ANY (muted));
$$;

-- Who is told something gets a letter of it in a day or a week, unless one is planned by then.
CREATE FUNCTION posts.plan_digests() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO posts.digests (person_id, due_at)
    SELECT DISTINCT
        f.recipient_id, now() + CASE s.digest WHEN 'daily' THEN interval '1 day' ELSE interval '7 days' END
    FROM fresh AS f LEFT JOIN posts.notification_settings AS s ON s.person_id = f.recipient_id
    WHERE s.digest IS DISTINCT FROM 'off'
    ORDER BY f.recipient_id
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;
CREATE TRIGGER plan_digests AFTER INSERT ON posts.notifications
REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION posts.plan_digests();

-- An answer comes before a mention, and that before a comment on one's post: of one comment nobody is told twice.
CREATE FUNCTION posts.tell_comment(comment uuid, handles text []) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    WITH told AS (
        SELECT c.*, p.author_id AS writer
        FROM posts.comments AS c JOIN posts.posts AS p ON p.id = c.post_id
        WHERE c.id = comment AND c.deleted_at IS NULL
            AND p.deleted_at IS NULL AND p.hidden_at IS NULL AND p.published_at <= now()
    ), whom (person, kind, rank) AS (
        SELECT parent.author_id, 'reply', 1 FROM told JOIN posts.comments AS parent ON parent.id = told.parent_id
        WHERE parent.deleted_at IS NULL
        UNION ALL SELECT h.person_id, 'mention', 2 FROM identity.handles AS h WHERE h.handle = ANY (handles)
        UNION ALL SELECT told.writer, 'comment', 3 FROM told
    )
    INSERT INTO posts.notifications (recipient_id, kind, actor_id, post_id, comment_id)
    SELECT DISTINCT ON (w.person) w.person, w.kind, told.author_id, told.post_id, told.id
    FROM told, whom AS w
    WHERE w.person <> told.author_id AND posts.wants(w.person, w.kind)
    ORDER BY w.person, w.rank
    ON CONFLICT DO NOTHING;
$$;

CREATE FUNCTION posts.tell_reactions(post uuid) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO posts.notifications AS n (recipient_id, kind, post_id, people)
    SELECT p.author_id, 'reaction', p.id, count(DISTINCT r.person_id)
    FROM posts.posts AS p JOIN posts.reactions AS r ON r.post_id = p.id
    WHERE p.id = post AND p.deleted_at IS NULL AND p.hidden_at IS NULL AND p.published_at <= now()
        AND r.person_id <> p.author_id AND posts.wants(p.author_id, 'reaction')
    GROUP BY p.id
    ON CONFLICT (recipient_id, post_id) WHERE kind = 'reaction'
    -- Only more people are news: who takes a reaction back and sets it again is not.
    DO UPDATE SET people = excluded.people, at = now(), read_at = NULL WHERE n.people < excluded.people;
$$;

CREATE FUNCTION posts.tell_followed(follow bigint) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO posts.notifications (recipient_id, kind, actor_id)
    SELECT f.author_id, 'follower', f.person_id FROM posts.followed_authors AS f
    WHERE f.id = follow AND posts.wants(f.author_id, 'follower')
    ON CONFLICT DO NOTHING;
$$;

CREATE FUNCTION posts.tell_mentioned(post uuid, handles text []) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO posts.notifications (recipient_id, kind, actor_id, post_id)
    SELECT h.person_id, 'mention', p.author_id, p.id
    FROM posts.posts AS p, identity.handles AS h
    WHERE p.id = post AND h.handle = ANY (handles) AND h.person_id <> p.author_id AND posts.wants(h.person_id, 'mention')
    ON CONFLICT DO NOTHING;
$$;

-- Tells the next `most` followers of the author of a new post. Returns whether there was a post with somebody left to tell.
CREATE FUNCTION posts.tell_followers(most integer) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    waiting posts.announcements;
    post posts.posts;
    follows bigint [];
BEGIN
    SELECT * INTO waiting FROM posts.announcements
    WHERE told_up_to IS NOT NULL ORDER BY post_id LIMIT 1 FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    SELECT * INTO post FROM posts.posts
    WHERE id = waiting.post_id AND deleted_at IS NULL AND hidden_at IS NULL AND published_at <= now();
    follows := ARRAY(
        SELECT f.id FROM posts.followed_authors AS f
        WHERE f.author_id = post.author_id AND f.id > waiting.told_up_to ORDER BY f.id LIMIT most
    );
    INSERT INTO posts.notifications (recipient_id, kind, actor_id, post_id)
    SELECT f.person_id, 'post', post.author_id, post.id FROM posts.followed_authors AS f
    WHERE f.id = ANY (follows) AND f.created_at <= post.published_at AND posts.wants(f.person_id, 'post')
    ON CONFLICT DO NOTHING;
    UPDATE posts.announcements SET told_up_to = CASE cardinality(follows) WHEN most THEN follows[most] END
    WHERE post_id = waiting.post_id;
    RETURN true;
END
$$;

-- Takes one letter that is due, with what must be known for it; person null: none is left. Without an address there is nobody to
-- write to, or no news. Whoever takes it hands it to identity.queue_letter in the same transaction.
-- news: {kind: how many} of what has not been read, nor been in a letter before.
CREATE FUNCTION posts.take_digest(
    OUT person uuid, OUT address text, OUT name text, OUT locale text, OUT news jsonb
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    DELETE FROM posts.digests WHERE person_id = (
        SELECT d.person_id FROM posts.digests AS d WHERE d.due_at <= now() ORDER BY d.due_at LIMIT 1 FOR UPDATE SKIP LOCKED
    ) RETURNING person_id INTO person;
    WITH mailed AS (
        UPDATE posts.notifications AS n SET mailed_at = now()
        WHERE n.recipient_id = person AND n.read_at IS NULL AND n.mailed_at IS NULL
        RETURNING n.kind, posts.shows(n) AS shown
    )
    SELECT jsonb_object_agg(kind, many) INTO news
    FROM (SELECT kind, count(*) AS many FROM mailed WHERE shown GROUP BY kind) AS kinds;
    IF news IS NOT NULL THEN
        SELECT u.email, u.display_name, u.locale INTO address, name, locale FROM auth.users AS u
        WHERE u.id = person AND u.email_verified_at IS NOT NULL AND u.deleted_at IS NULL AND u.disabled_at IS NULL
            AND NOT EXISTS (SELECT FROM posts.notification_settings AS s WHERE s.person_id = u.id AND s.digest = 'off');
    END IF;
END
$$;

REVOKE ALL ON FUNCTION
    posts.wants, posts.shows, posts.plan_digests, posts.tell_comment, posts.tell_reactions, posts.tell_followed,
    posts.tell_mentioned, posts.tell_followers, posts.take_digest FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
    posts.wants, posts.shows, posts.tell_comment, posts.tell_reactions, posts.tell_followed, posts.tell_mentioned,
    posts.tell_followers, posts.take_digest, identity.queue_letter TO artel_posts;
