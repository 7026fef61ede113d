-- The names of a post's tags, in order, which never change: reading a page need not look for each of them.
ALTER TABLE posts.posts ADD COLUMN tags text [] NOT NULL DEFAULT '{}';
UPDATE posts.posts AS p SET tags = ARRAY(
    SELECT t.name FROM posts.post_tags AS pt JOIN posts.tags AS t ON t.id = pt.tag_id WHERE pt.post_id = p.id ORDER BY t.name
);

-- What can be found of a post, in a table of its own with nothing else in it: a word of very many posts means walking through
-- its rows. There is a row as long as the post is shown, or waits to be.
CREATE TABLE posts.search_documents (
    post_id uuid CONSTRAINT pk_search_documents PRIMARY KEY
        CONSTRAINT fk_search_documents_post_id_posts REFERENCES posts.posts ON DELETE CASCADE,
    published_at timestamptz NOT NULL,
    author_id uuid NOT NULL,
    tag_ids uuid [] NOT NULL,
    document tsvector NOT NULL
);
CREATE INDEX ix_search_documents_document ON posts.search_documents USING gin (document) WITH (fastupdate = off);
GRANT SELECT ON posts.search_documents TO artel_posts;

-- One spelling for what people see as the same: case, composition, and ё, which many write as е.
CREATE FUNCTION posts.folded(words text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
    SELECT translate(lower(normalize(words, NFKC)), 'ё', 'е');
$$;

-- What everybody may read of a post, as sanitised HTML.
CREATE FUNCTION posts.readable(p posts.posts) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE
        WHEN p.price_amount IS NULL THEN p.html
        ELSE replace(replace(replace(p.excerpt, '&', '&amp;'), '<', '&lt;'), '>', '&gt;')
    END;
$$;

-- The text of it: a block ends a word, emphasis within one does not. What is no markup is escaped there, in attributes too.
CREATE FUNCTION posts.plain(html text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
    SELECT replace(replace(replace(replace(
        regexp_replace(regexp_replace(html, '</?(em|strong|s|code|a)\M[^>]*>', '', 'g'), '<[^>]*>', ' ', 'g'),
        '&nbsp;', ' '), '&lt;', '<'), '&gt;', '>'), '&amp;', '&');
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

CREATE FUNCTION posts.index_posts(p_ids uuid []) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    DELETE FROM posts.search_documents WHERE post_id IN (
        SELECT p.id FROM posts.posts AS p
        WHERE p.id = ANY (p_ids) AND (p.deleted_at IS NOT NULL OR p.hidden_at IS NOT NULL OR p.published_at IS NULL)
    );
    INSERT INTO posts.search_documents AS d (post_id, published_at, author_id, tag_ids, document)
    SELECT
        p.id, p.published_at, p.author_id,
        ARRAY(SELECT pt.tag_id FROM posts.post_tags AS pt WHERE pt.post_id = p.id ORDER BY pt.tag_id),
        posts.document(p.title, array_to_string(p.tags, ' '), posts.plain(posts.readable(p)))
    FROM posts.posts AS p
    WHERE p.id = ANY (p_ids) AND p.deleted_at IS NULL AND p.hidden_at IS NULL AND p.published_at IS NOT NULL
    ON CONFLICT (post_id) DO UPDATE SET
        published_at = excluded.published_at, author_id = excluded.author_id, tag_ids = excluded.tag_ids,
        document = excluded.document;
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

-- A piece of sanitised HTML around what was found, with nothing in it but <mark>: the parser of words leaves tags out, and
-- what is no markup is escaped already. Far into a long text it is not looked for.
CREATE FUNCTION posts.highlight(html text, query tsquery) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT replace(replace(replace(replace(
        ts_headline(
            'russian', left(translate(html, E'\x02\x03', ''), 20000), query,
            E'StartSel=\x02, StopSel=\x03, MaxFragments=2, MaxWords=24, MinWords=8, FragmentDelimiter=" … "'
        ), '<', '&lt;'), '>', '&gt;'), E'\x02', '<mark>'), E'\x03', '</mark>');
$$;

REVOKE ALL ON FUNCTION
    posts.folded, posts.plain, posts.readable, posts.document, posts.index_posts, posts.index_changed_posts, posts.index_edited_posts,
    posts.index_retagged_posts, posts.search_query, posts.matching, posts.highlight
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION posts.folded, posts.readable, posts.search_query, posts.matching, posts.highlight TO artel_posts;
