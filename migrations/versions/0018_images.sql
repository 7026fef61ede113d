-- `folder` is the prefix of the stored files. `incoming` is deleted when the image is ready or refused.
CREATE TABLE posts.images (
    id uuid DEFAULT gen_random_uuid() CONSTRAINT pk_images PRIMARY KEY,
    owner_id uuid NOT NULL,
    bucket text NOT NULL,
    folder text NOT NULL,
    state text NOT NULL DEFAULT 'waiting' CONSTRAINT ck_images_state CHECK (state IN ('waiting', 'ready', 'refused')),
    widths integer [] NOT NULL DEFAULT '{}',
    width integer,
    height integer,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ix_images_owner_id_created_at_id ON posts.images (owner_id, created_at, id);
CREATE INDEX ix_images_created_at ON posts.images (created_at);

GRANT SELECT, INSERT, UPDATE, DELETE ON posts.images TO artel_posts;
