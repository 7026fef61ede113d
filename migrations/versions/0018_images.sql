-- `folder` is the prefix of all its files. The file as it was sent is deleted when the image is ready, and once more when its form
-- cannot be used any longer. `sizes`: which copies there are, by their greatest width. `width` and `height`: as it was sent.
CREATE TABLE posts.images (
    id uuid DEFAULT gen_random_uuid() CONSTRAINT pk_images PRIMARY KEY,
    owner_id uuid NOT NULL,
    bucket text NOT NULL,
    folder text NOT NULL,
    state text NOT NULL DEFAULT 'waiting' CONSTRAINT ck_images_state CHECK (state IN ('waiting', 'ready', 'refused')),
    sizes integer [] NOT NULL DEFAULT '{}',
    width integer,
    height integer,
    created_at timestamptz NOT NULL DEFAULT now(),
    checked_at timestamptz NOT NULL DEFAULT now(),
    original_deleted boolean NOT NULL DEFAULT false
);
CREATE INDEX ix_images_owner_id_created_at_id ON posts.images (owner_id, created_at, id);
CREATE INDEX ix_images_checked_at ON posts.images (checked_at);
CREATE INDEX ix_images_original ON posts.images (created_at) WHERE NOT original_deleted;
-- To look for an image in all that its owner has written, drafts and all.
CREATE INDEX ix_posts_author_id ON posts.posts (author_id);

GRANT SELECT, INSERT, UPDATE, DELETE ON posts.images TO artel_posts;
