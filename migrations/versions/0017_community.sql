-- What readers say and do about posts. Rows go with their post (CASCADE): a post that is gone takes its conversation along.

-- `path`: the ids of all comments from the top of the thread to this one, 16 bytes each. Ids are in order of time, so the order
-- of paths is the order in which a thread is read, and everything below a comment is one range of the index: no recursion.
-- A deleted comment keeps its place and loses its words; an erased person's comment has no author either.
CREATE TABLE posts.comments (
    id uuid DEFAULT uuidv7() CONSTRAINT pk_comments PRIMARY KEY,
    post_id uuid NOT NULL CONSTRAINT fk_comments_post_id_posts REFERENCES posts.posts ON DELETE CASCADE,
    parent_id uuid CONSTRAINT fk_comments_parent_id_comments REFERENCES posts.comments ON DELETE CASCADE,
    path bytea NOT NULL,
    depth integer NOT NULL,
    author_id uuid,
    body text NOT NULL,
    html text NOT NULL,
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    edited_at timestamptz,
    deleted_at timestamptz,
    -- Longer paths would not fit into an index entry.
    CONSTRAINT ck_comments_path CHECK (depth BETWEEN 0 AND 100 AND octet_length(path) = 16 * (depth + 1)),
    CONSTRAINT ck_comments_body CHECK (
        CASE WHEN deleted_at IS NULL THEN char_length(body) BETWEEN 1 AND 10000 AND author_id IS NOT NULL ELSE body = '' END
    )
);
CREATE UNIQUE INDEX ix_comments_thread ON posts.comments (post_id, path);
CREATE INDEX ix_comments_top ON posts.comments (post_id, id) WHERE parent_id IS NULL;
CREATE INDEX ix_comments_parent_id ON posts.comments (parent_id);
CREATE INDEX ix_comments_author ON posts.comments (author_id, created_at);

CREATE TABLE posts.reactions (
    post_id uuid CONSTRAINT fk_reactions_post_id_posts REFERENCES posts.posts ON DELETE CASCADE,
    person_id uuid,
    kind text CONSTRAINT ck_reactions_kind CHECK (kind IN ('like', 'love', 'laugh', 'wow', 'sad', 'thanks')),
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_reactions PRIMARY KEY (post_id, person_id, kind)
);
CREATE INDEX ix_reactions_person_id ON posts.reactions (person_id);

CREATE TABLE posts.bookmarks (
    person_id uuid,
    post_id uuid CONSTRAINT fk_bookmarks_post_id_posts REFERENCES posts.posts ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_bookmarks PRIMARY KEY (person_id, post_id)
);
CREATE INDEX ix_bookmarks_newest ON posts.bookmarks (person_id, created_at, post_id);
CREATE INDEX ix_bookmarks_post_id ON posts.bookmarks (post_id);

-- `id`: how far a new post has been told to the followers of its author.
CREATE TABLE posts.followed_authors (
    person_id uuid,
    author_id uuid,
    id bigint NOT NULL GENERATED ALWAYS AS IDENTITY CONSTRAINT uq_followed_authors_id UNIQUE,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_followed_authors PRIMARY KEY (person_id, author_id),
    CONSTRAINT ck_followed_authors_another CHECK (person_id <> author_id)
);
CREATE UNIQUE INDEX ix_followed_authors_followers ON posts.followed_authors (author_id, id);

CREATE TABLE posts.followed_tags (
    person_id uuid,
    tag_id uuid CONSTRAINT fk_followed_tags_tag_id_tags REFERENCES posts.tags ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_followed_tags PRIMARY KEY (person_id, tag_id)
);
CREATE INDEX ix_followed_tags_tag_id ON posts.followed_tags (tag_id);

GRANT SELECT, INSERT ON posts.comments TO artel_posts;
GRANT UPDATE (body, html, version, edited_at, deleted_at) ON posts.comments TO artel_posts;
GRANT SELECT, INSERT, DELETE
    ON posts.reactions, posts.bookmarks, posts.followed_authors, posts.followed_tags TO artel_posts;

-- Handles as an index finds them: for mentions.
CREATE VIEW identity.handles AS
    SELECT handle, id AS person_id FROM auth.users
    WHERE handle IS NOT NULL AND deleted_at IS NULL AND disabled_at IS NULL;
GRANT SELECT ON identity.handles TO artel_posts;
-- Who has an account that works.
CREATE VIEW identity.here AS SELECT id FROM auth.users WHERE deleted_at IS NULL AND disabled_at IS NULL;
GRANT SELECT ON identity.here TO artel_posts;
