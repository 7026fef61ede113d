-- What a post was called before; links with it lead on, and nobody else can be called so.
CREATE TABLE posts.old_slugs (
    slug text CONSTRAINT pk_old_slugs PRIMARY KEY,
    post_id uuid NOT NULL CONSTRAINT fk_old_slugs_post_id_posts REFERENCES posts.posts ON DELETE CASCADE
);
CREATE INDEX ix_old_slugs_post_id ON posts.old_slugs (post_id);
GRANT SELECT, INSERT, DELETE ON posts.old_slugs TO artel_posts;
