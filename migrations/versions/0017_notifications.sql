-- Notifications are written by background work: what happened waits in `happenings`, a new post's followers in `announcements`.

-- `people`: how many had reacted; a notification of reactions is one for a post, and comes again when there are more.
CREATE TABLE posts.notifications (
    id uuid DEFAULT uuidv7() CONSTRAINT pk_notifications PRIMARY KEY,
    recipient_id uuid NOT NULL,
    kind text NOT NULL CONSTRAINT ck_notifications_kind
        CHECK (kind IN ('comment', 'reply', 'mention', 'follower', 'reaction', 'post')),
    actor_id uuid,
    post_id uuid CONSTRAINT fk_notifications_post_id_posts REFERENCES posts.posts ON DELETE CASCADE,
    comment_id uuid CONSTRAINT fk_notifications_comment_id_comments REFERENCES posts.comments ON DELETE CASCADE,
    people integer,
    at timestamptz NOT NULL DEFAULT now(),
    read_at timestamptz,
    mailed_at timestamptz
);
CREATE INDEX ix_notifications_newest ON posts.notifications (recipient_id, at, id);
CREATE INDEX ix_notifications_at ON posts.notifications (at);
CREATE INDEX ix_notifications_unread ON posts.notifications (recipient_id) WHERE read_at IS NULL;
CREATE INDEX ix_notifications_post_id ON posts.notifications (post_id);
CREATE INDEX ix_notifications_comment_id ON posts.notifications (comment_id);
CREATE INDEX ix_notifications_actor_id ON posts.notifications (actor_id);
-- Nobody is told of one thing twice: a comment that answers and mentions somebody is one thing.
CREATE UNIQUE INDEX uq_notifications_comment ON posts.notifications (recipient_id, comment_id);
CREATE UNIQUE INDEX uq_notifications_post ON posts.notifications (recipient_id, post_id)
    WHERE comment_id IS NULL AND kind <> 'reaction';
CREATE UNIQUE INDEX uq_notifications_reaction ON posts.notifications (recipient_id, post_id) WHERE kind = 'reaction';
CREATE UNIQUE INDEX uq_notifications_follower ON posts.notifications (recipient_id, actor_id) WHERE kind = 'follower';

-- Who has no row wants all of them, and a letter a week.
CREATE TABLE posts.notification_settings (
    person_id uuid CONSTRAINT pk_notification_settings PRIMARY KEY,
    muted text [] NOT NULL DEFAULT '{}',
    digest text NOT NULL DEFAULT 'weekly'
        CONSTRAINT ck_notification_settings_digest CHECK (digest IN ('off', 'daily', 'weekly'))
);
-- When somebody who has news is to get the next letter of it.
CREATE TABLE posts.digests (
    person_id uuid CONSTRAINT pk_digests PRIMARY KEY,
    due_at timestamptz NOT NULL
);
CREATE INDEX ix_digests_due_at ON posts.digests (due_at);

-- What somebody is to be told of. No ids of people: they stand in the rows it points at.
CREATE TABLE posts.happenings (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_happenings PRIMARY KEY,
    kind text NOT NULL CONSTRAINT ck_happenings_kind CHECK (kind IN ('comment', 'reaction', 'follower')),
    post_id uuid CONSTRAINT fk_happenings_post_id_posts REFERENCES posts.posts ON DELETE CASCADE,
    comment_id uuid CONSTRAINT fk_happenings_comment_id_comments REFERENCES posts.comments ON DELETE CASCADE,
    follow_id bigint,
    mentions text [] NOT NULL DEFAULT '{}'
);
CREATE INDEX ix_happenings_post_id ON posts.happenings (post_id);
CREATE INDEX ix_happenings_comment_id ON posts.happenings (comment_id);

-- Posts that were seen to be published. `told_up_to`: the follow of the author up to which followers know; null: all do.
CREATE TABLE posts.announcements (
    post_id uuid CONSTRAINT pk_announcements PRIMARY KEY
        CONSTRAINT fk_announcements_post_id_posts REFERENCES posts.posts ON DELETE CASCADE,
    told_up_to bigint
);
CREATE INDEX ix_announcements_waiting ON posts.announcements (post_id) WHERE told_up_to IS NOT NULL;
INSERT INTO posts.announcements (post_id) SELECT id FROM posts.posts WHERE published_at <= now();

GRANT SELECT, INSERT, DELETE ON posts.notifications TO artel_posts;
GRANT UPDATE (people, at, read_at, mailed_at) ON posts.notifications TO artel_posts;
GRANT SELECT, INSERT, UPDATE ON posts.notification_settings, posts.announcements TO artel_posts;
GRANT SELECT, INSERT, UPDATE, DELETE ON posts.digests TO artel_posts;
GRANT SELECT, INSERT, DELETE ON posts.happenings TO artel_posts;
-- FOR UPDATE SKIP LOCKED asks for it.
GRANT UPDATE (kind) ON posts.happenings TO artel_posts;
