"""Posts by the hundred thousand, made by PostgreSQL: authors, tags common and rare, texts of an ordinary length."""

from tests.bench.money import connect

AUTHORS, TAGS = 5_000, 1_000
EVERY_POST_TAGS = 2

_AUTHORS = """INSERT INTO auth.users (email, email_key, display_name, locale)
SELECT format('author%%s@example.org', n), format('author%%s@example.org', n), 'Author ' || n, 'en'
FROM generate_series(1, %s) AS n ON CONFLICT DO NOTHING"""
_TAGS = "INSERT INTO posts.tags (name) SELECT 'tag' || n FROM generate_series(1, %s) AS n ON CONFLICT DO NOTHING"
_POSTS = """INSERT INTO posts.posts
    (slug, author_id, title, body, html, excerpt, tags, created_at, updated_at, published_at)
SELECT 'post-' || n, authors.ids[1 + n %% cardinality(authors.ids)], format('What happened on day %%s in town%%s', n, n %% 1000),
    repeat('Some **text** of the post. ', 40), '<p>' || repeat('Some <strong>text</strong> of the post. ', 40) || '</p>',
    repeat('Some text of the post. ', 4),
    ARRAY(SELECT tags.names[1 + (n + k * 7) %% cardinality(tags.names)] FROM generate_series(1, %(tags)s) AS k ORDER BY 1),
    at, at, at
FROM (SELECT array_agg(id) AS ids FROM auth.users) AS authors,
    (SELECT array_agg(name ORDER BY name) AS names FROM posts.tags) AS tags,
    generate_series(1, %(count)s) AS n, LATERAL (SELECT now() - n * interval '1 minute' AS at) AS moment"""
_POST_TAGS = """INSERT INTO posts.post_tags (post_id, tag_id, published_at)
SELECT p.id, t.id, p.published_at FROM posts.posts AS p CROSS JOIN unnest(p.tags) AS name JOIN posts.tags AS t USING (name)"""
_INDEX = """SELECT posts.index_posts(ARRAY(
    SELECT id FROM (SELECT id, row_number() OVER () AS n FROM posts.posts) AS p WHERE n %% %s = %s
))"""
_PARTS = 20
RARE, COMMON = "town77", "text"
"""Words of one post in a thousand, and of all."""


def seed(url: str, count: int, *, searchable: bool = False) -> None:
    with connect(url) as connection:
        # Triggers would look at each post's words twice, which takes longer than all the rest.
        connection.execute("SET session_replication_role = replica")
        connection.execute(_AUTHORS, [AUTHORS])
        connection.execute(_TAGS, [TAGS])
        connection.execute(_POSTS, {"count": count, "tags": EVERY_POST_TAGS})
        connection.execute(_POST_TAGS)
        for part in range(_PARTS if searchable else 0):
            connection.execute(_INDEX, [_PARTS, part])
        for table in ("auth.users", "posts.posts", "posts.tags", "posts.post_tags", "posts.search_documents"):
            connection.execute(f"VACUUM ANALYZE {table}")
