-- What can be found of a post, in a table of its own: lists never read it, and its rows stay small enough to be walked, because
-- the two long values stand out of line. There is a row as long as the post is shown, or waits to be.
CREATE TABLE posts.search_documents (
    post_id uuid CONSTRAINT pk_search_documents PRIMARY KEY
        CONSTRAINT fk_search_documents_post_id_posts REFERENCES posts.posts ON DELETE CASCADE,
    published_at timestamptz NOT NULL,
    author_id uuid NOT NULL,
    tag_ids uuid [] NOT NULL,
    words text NOT NULL,
    document tsvector NOT NULL
) WITH (toast_tuple_target = 128);
ALTER TABLE posts.search_documents ALTER COLUMN document SET STORAGE EXTERNAL;
CREATE INDEX ix_search_documents_document ON posts.search_documents USING gin (document) WITH (fastupdate = off);
GRANT SELECT ON posts.search_documents TO artel_posts;

-- One spelling for what people see as the same: case, composition, and ё, which many write as е.
CREATE FUNCTION posts.folded(words text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
    SELECT translate(lower(normalize(words, NFKC)), 'ё', 'е');
$$;

-- The text of sanitised HTML: a block ends a word, emphasis within one does not.
CREATE FUNCTION posts.plain(html text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
    SELECT replace(replace(replace(replace(
        regexp_replace(
            regexp_replace(translate(html, E'\x02\x03', ''), '</?(em|strong|s|code|a)(\s[^>"]*("[^"]*"[^>"]*)*)?>', '', 'g'),
            '<[^>"]*("[^"]*"[^>"]*)*>', ' ', 'g'
        ), '&nbsp;', ' '), '&lt;', '<'), '&gt;', '>'), '&amp;', '&');
$$;

-- The configuration stems words of Latin letters as English and all others as Russian.
CREATE FUNCTION posts.document(title text, tags text, words text) RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    head CONSTANT tsvector := setweight(to_tsvector('russian', posts.folded(title)), 'A')
        || setweight(to_tsvector('russian', posts.folded(tags)), 'B');
BEGIN
    RETURN head || setweight(to_tsvector('russian', posts.folded(words)), 'D');
EXCEPTION
    WHEN program_limit_exceeded THEN -- more different words than one document may have: the first of them
        RETURN head || setweight(to_tsvector('russian', posts.folded(left(words, 20000))), 'D');
END
$$;

-- Of a post that has a price only what everybody may read.
CREATE FUNCTION posts.index_posts(p_ids uuid []) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    DELETE FROM posts.search_documents WHERE post_id IN (
        SELECT p.id FROM posts.posts AS p
        WHERE p.id = ANY (p_ids) AND (p.deleted_at IS NOT NULL OR p.hidden_at IS NOT NULL OR p.published_at IS NULL)
    );
    INSERT INTO posts.search_documents AS d (post_id, published_at, author_id, tag_ids, words, document)
    SELECT p.id, p.published_at, p.author_id, tags.ids, text.words, posts.document(p.title, tags.names, text.words)
    FROM posts.posts AS p
    CROSS JOIN LATERAL (
        SELECT coalesce(array_agg(t.id ORDER BY t.id), '{}') AS ids, coalesce(string_agg(t.name, ' ' ORDER BY t.name), '') AS names
        FROM posts.post_tags AS pt JOIN posts.tags AS t ON t.id = pt.tag_id WHERE pt.post_id = p.id
    ) AS tags
    CROSS JOIN LATERAL (
        SELECT CASE WHEN p.price_amount IS NULL THEN posts.plain(p.html) ELSE p.excerpt END AS words
    ) AS text
    WHERE p.id = ANY (p_ids) AND p.deleted_at IS NULL AND p.hidden_at IS NULL AND p.published_at IS NOT NULL
    ON CONFLICT (post_id) DO UPDATE SET
        published_at = excluded.published_at, author_id = excluded.author_id, tag_ids = excluded.tag_ids,
        words = excluded.words, document = excluded.document;
$$;

-- Whoever changes posts and for whatever reason: what is found agrees with what is shown when the statement is over.
CREATE FUNCTION posts.index_changed_posts() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM posts.index_posts(ARRAY(SELECT id FROM changed ORDER BY id));
    RETURN NULL;
END
$$;
CREATE FUNCTION posts.index_edited_posts() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM posts.index_posts(ARRAY(
        SELECT n.id FROM changed AS n JOIN former AS o ON o.id = n.id
        WHERE (n.title, n.html, n.excerpt, n.published_at, n.deleted_at, n.hidden_at, n.price_amount)
            IS DISTINCT FROM (o.title, o.html, o.excerpt, o.published_at, o.deleted_at, o.hidden_at, o.price_amount)
        ORDER BY n.id
    ));
    RETURN NULL;
END
$$;
CREATE FUNCTION posts.index_retagged_posts() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM posts.index_posts(ARRAY(SELECT DISTINCT post_id FROM changed ORDER BY post_id));
    RETURN NULL;
END
$$;
CREATE TRIGGER index_new_posts AFTER INSERT ON posts.posts
REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION posts.index_changed_posts();
CREATE TRIGGER index_edited_posts AFTER UPDATE ON posts.posts
REFERENCING NEW TABLE AS changed OLD TABLE AS former FOR EACH STATEMENT EXECUTE FUNCTION posts.index_edited_posts();
CREATE TRIGGER index_tagged_posts AFTER INSERT ON posts.post_tags
REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION posts.index_retagged_posts();
CREATE TRIGGER index_untagged_posts AFTER DELETE ON posts.post_tags
REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION posts.index_retagged_posts();

-- What somebody typed, as a query; nothing that can be typed is an error. Null: no word of it can be looked for.
CREATE FUNCTION posts.search_query(typed text) RETURNS tsquery
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    words CONSTANT text := posts.folded(typed);
    asked tsquery;
BEGIN
    BEGIN
        asked := websearch_to_tsquery('russian', words);
    EXCEPTION
        WHEN internal_error THEN -- its parser has room for no more than 32 operators one within the other
            asked := plainto_tsquery('russian', words);
    END;
    RETURN CASE WHEN querytree(asked) NOT IN ('', 'T') THEN asked END;
END
$$;

-- The newest posts that match, at most `most`, from `before` on. Always by the index of words and then by the small rows, which
-- takes as long as there are matches; PostgreSQL would now and then rather walk through all posts and look at each one's words.
CREATE FUNCTION posts.matching(query tsquery, tag uuid, author uuid, before timestamptz, before_id uuid, most integer)
    RETURNS TABLE (post_id uuid, published_at timestamptz)
    LANGUAGE plpgsql STABLE ROWS 100 SET search_path = pg_catalog, pg_temp
    SET enable_seqscan = off SET enable_indexscan = off SET plan_cache_mode = force_custom_plan AS $$
BEGIN
    RETURN QUERY
    SELECT d.post_id, d.published_at FROM posts.search_documents AS d
    WHERE d.document @@ query AND d.published_at <= now()
        AND (tag IS NULL OR tag = ANY (d.tag_ids)) AND (author IS NULL OR d.author_id = author)
        AND (before IS NULL OR (d.published_at, d.post_id) < (before, before_id))
    ORDER BY d.published_at DESC, d.post_id DESC LIMIT most;
END
$$;

-- A piece of the text around what was found, as HTML with nothing in it but <mark>. Far into a long text it is not looked for.
CREATE FUNCTION posts.highlight(words text, query tsquery) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT replace(replace(replace(replace(replace(
        ts_headline(
            'russian', left(words, 20000), query,
            E'StartSel=\x02, StopSel=\x03, MaxFragments=2, MaxWords=24, MinWords=8, FragmentDelimiter=" … "'
        ), '&', '&amp;'), '<', '&lt;'), '>', '&gt;'), E'\x02', '<mark>'), E'\x03', '</mark>');
$$;

REVOKE ALL ON FUNCTION
    posts.folded, posts.plain, posts.document, posts.index_posts, posts.index_changed_posts, posts.index_edited_posts,
    posts.index_retagged_posts, posts.search_query, posts.matching, posts.highlight
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION posts.folded, posts.search_query, posts.matching, posts.highlight TO artel_posts;
