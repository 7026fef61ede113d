-- People -----------------------------------------------------------------------------------------------------------------

ALTER TABLE auth.users
    ALTER COLUMN password_hash DROP NOT NULL,
    ADD COLUMN password_changed_at timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN full_name text,
    ADD COLUMN about text,
    ADD COLUMN phone text,
    ADD COLUMN birth_date date,
    ADD COLUMN country text,
    ADD COLUMN city text,
    ADD COLUMN time_zone text,
    ADD COLUMN avatar_id uuid CONSTRAINT uq_users_avatar_id UNIQUE,
    ADD COLUMN deleted_at timestamptz,
    ADD COLUMN erased_at timestamptz;
CREATE INDEX ix_users_deleted_at ON auth.users (deleted_at) WHERE deleted_at IS NOT NULL AND erased_at IS NULL;

-- Keys -------------------------------------------------------------------------------------------------------------------

-- What HMACs and seals are keyed with where no SECRET_KEY is configured: random, and the same for all processes.
CREATE TABLE auth.secrets (
    name text CONSTRAINT pk_secrets PRIMARY KEY,
    value bytea NOT NULL
);
INSERT INTO auth.secrets
SELECT 'master', sha256(string_agg(uuid_send(gen_random_uuid()), ''))
FROM generate_series(1, 4);
GRANT SELECT ON auth.secrets TO artel_auth;

-- kms: `reference` is the KMS key's id. sealed: the private key stands here, encrypted. configured: the environment has it.
ALTER TABLE auth.signing_keys RENAME COLUMN retired_at TO retires_at;
ALTER TABLE auth.signing_keys
    ADD COLUMN source text NOT NULL DEFAULT 'configured',
    ADD COLUMN reference text,
    ADD COLUMN private_key bytea,
    ADD COLUMN signs_from timestamptz NOT NULL DEFAULT now(),
    ADD CONSTRAINT ck_signing_keys_source CHECK (source IN ('kms', 'sealed', 'configured'));
GRANT UPDATE, DELETE ON auth.signing_keys TO artel_auth;

-- Personal access tokens, sessions ----------------------------------------------------------------------------------------

CREATE TABLE auth.personal_tokens (
    id uuid DEFAULT uuidv7() CONSTRAINT pk_personal_tokens PRIMARY KEY,
    user_id uuid NOT NULL CONSTRAINT fk_personal_tokens_user_id_users REFERENCES auth.users,
    name text NOT NULL,
    scope text NOT NULL,
    secret_hash bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    last_used_at timestamptz,
    revoked_at timestamptz
);
CREATE INDEX ix_personal_tokens_user_id ON auth.personal_tokens (user_id);
GRANT SELECT, INSERT, UPDATE, DELETE ON auth.personal_tokens TO artel_auth;

-- The key of a session's refresh tokens is derived from the secret above: a copy of this table forges none.
ALTER TABLE auth.sessions
    DROP COLUMN refresh_key,
    ADD COLUMN amr text NOT NULL DEFAULT 'pwd',
    ADD COLUMN address text NOT NULL DEFAULT '',
    ADD COLUMN personal_token_id uuid
        CONSTRAINT fk_sessions_personal_token_id_personal_tokens REFERENCES auth.personal_tokens ON DELETE CASCADE;
CREATE INDEX ix_sessions_personal_token_id ON auth.sessions (personal_token_id) WHERE personal_token_id IS NOT NULL;
CREATE INDEX ix_sessions_expires_at ON auth.sessions (expires_at);
GRANT DELETE ON auth.sessions TO artel_auth;

CREATE TABLE auth.devices (
    id uuid,
    user_id uuid CONSTRAINT fk_devices_user_id_users REFERENCES auth.users,
    created_at timestamptz NOT NULL DEFAULT now(),
    last_seen_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_devices PRIMARY KEY (id, user_id)
);
CREATE INDEX ix_devices_user_id ON auth.devices (user_id);
GRANT SELECT, INSERT, UPDATE, DELETE ON auth.devices TO artel_auth;

-- Second factors ------------------------------------------------------------------------------------------------------------

CREATE TABLE auth.totp (
    user_id uuid CONSTRAINT pk_totp PRIMARY KEY CONSTRAINT fk_totp_user_id_users REFERENCES auth.users,
    secret bytea NOT NULL,
    confirmed_at timestamptz,
    last_step bigint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE auth.recovery_codes (
    user_id uuid CONSTRAINT fk_recovery_codes_user_id_users REFERENCES auth.users,
    code_hash bytea,
    used_at timestamptz,
    CONSTRAINT pk_recovery_codes PRIMARY KEY (user_id, code_hash)
);
CREATE TABLE auth.passkeys (
    id uuid DEFAULT uuidv7() CONSTRAINT pk_passkeys PRIMARY KEY,
    user_id uuid NOT NULL CONSTRAINT fk_passkeys_user_id_users REFERENCES auth.users,
    credential_id bytea NOT NULL CONSTRAINT uq_passkeys_credential_id UNIQUE,
    public_key bytea NOT NULL,
    sign_count bigint NOT NULL,
    name text NOT NULL,
    transports text [] NOT NULL DEFAULT '{}',
    backed_up boolean NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    last_used_at timestamptz
);
CREATE INDEX ix_passkeys_user_id ON auth.passkeys (user_id);
GRANT SELECT, INSERT, UPDATE, DELETE ON auth.totp, auth.recovery_codes, auth.passkeys TO artel_auth;

-- What is under way: half a sign-in, a passkey ceremony, a visit to an outside provider -------------------------------------

CREATE TABLE auth.challenges (
    id uuid DEFAULT uuidv7() CONSTRAINT pk_challenges PRIMARY KEY,
    purpose text NOT NULL,
    user_id uuid CONSTRAINT fk_challenges_user_id_users REFERENCES auth.users,
    secret_hash bytea NOT NULL,
    data jsonb NOT NULL DEFAULT '{}',
    attempts integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL
);
CREATE INDEX ix_challenges_expires_at ON auth.challenges (expires_at);
CREATE INDEX ix_challenges_user_id ON auth.challenges (user_id);
GRANT SELECT, INSERT, UPDATE, DELETE ON auth.challenges TO artel_auth;

-- The tokens in letters. `email` is the address it was sent to, which a change makes the account's.
CREATE TABLE auth.mail_tokens (
    id uuid DEFAULT uuidv7() CONSTRAINT pk_mail_tokens PRIMARY KEY,
    purpose text NOT NULL
        CONSTRAINT ck_mail_tokens_purpose CHECK (purpose IN ('verify', 'reset', 'change', 'restore')),
    user_id uuid NOT NULL CONSTRAINT fk_mail_tokens_user_id_users REFERENCES auth.users,
    email text NOT NULL,
    secret_hash bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL
);
CREATE INDEX ix_mail_tokens_user_id_purpose ON auth.mail_tokens (user_id, purpose);
CREATE INDEX ix_mail_tokens_expires_at ON auth.mail_tokens (expires_at);
GRANT SELECT, INSERT, UPDATE, DELETE ON auth.mail_tokens TO artel_auth;

CREATE TABLE auth.external_identities (
    issuer text,
    subject text,
    id uuid NOT NULL DEFAULT uuidv7() CONSTRAINT uq_external_identities_id UNIQUE,
    user_id uuid NOT NULL CONSTRAINT fk_external_identities_user_id_users REFERENCES auth.users,
    provider text NOT NULL,
    email text,
    created_at timestamptz NOT NULL DEFAULT now(),
    last_used_at timestamptz,
    CONSTRAINT pk_external_identities PRIMARY KEY (issuer, subject)
);
CREATE INDEX ix_external_identities_user_id ON auth.external_identities (user_id);
GRANT SELECT, INSERT, UPDATE, DELETE ON auth.external_identities TO artel_auth;

-- Limits: `key` is an HMAC of what is limited, so that this table names nobody -----------------------------------------------

CREATE TABLE auth.limits (
    key bytea CONSTRAINT pk_limits PRIMARY KEY,
    hits integer NOT NULL,
    window_ends timestamptz NOT NULL
);
CREATE INDEX ix_limits_window_ends ON auth.limits (window_ends);
GRANT SELECT, INSERT, UPDATE, DELETE ON auth.limits TO artel_auth;

-- Counts one hit of each limit, in this order, up to the first that is used up, and returns the seconds until that one's
-- window ends; NULL: none is. The order is the same for everybody who hits the same ones, so nobody waits in a circle.
CREATE FUNCTION auth.hit(keys bytea [], allowed integer [], seconds integer []) RETURNS integer
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    counted auth.limits;
BEGIN
    FOR i IN 1 .. cardinality(keys) LOOP
        INSERT INTO auth.limits AS l (key, hits, window_ends)
        VALUES (keys[i], 1, now() + make_interval(secs => seconds[i]))
        ON CONFLICT (key) DO UPDATE SET
            hits = CASE WHEN l.window_ends <= now() THEN 1 ELSE l.hits + 1 END,
            window_ends = CASE WHEN l.window_ends <= now() THEN excluded.window_ends ELSE l.window_ends END
        RETURNING * INTO counted;
        IF counted.hits > allowed[i] THEN
            RETURN greatest(ceil(extract(epoch FROM counted.window_ends - now())), 1)::integer;
        END IF;
    END LOOP;
    RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION auth.hit FROM PUBLIC;
GRANT EXECUTE ON FUNCTION auth.hit TO artel_auth;

-- Letters not yet handed to the mail system. One without a recipient is sent to nobody: it stands for the letter that an
-- unknown address does not get, so that both cost the same.
CREATE TABLE auth.mails (
    id uuid DEFAULT uuidv7() CONSTRAINT pk_mails PRIMARY KEY,
    recipient text,
    subject text NOT NULL,
    text text NOT NULL,
    html text NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    due_at timestamptz NOT NULL DEFAULT now(),
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ix_mails_due_at ON auth.mails (due_at);
GRANT SELECT, INSERT, UPDATE, DELETE ON auth.mails TO artel_auth;

-- What happened to an account and who did it. Append-only for the service: it has no right to change or remove a line.
-- No foreign keys: the log outlives what it speaks of.
CREATE TABLE auth.audit_log (
    id uuid DEFAULT uuidv7() CONSTRAINT pk_audit_log PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT now(),
    event text NOT NULL,
    user_id uuid,
    actor_id uuid,
    session_id uuid,
    address text NOT NULL DEFAULT '',
    user_agent text NOT NULL DEFAULT '',
    request_id text NOT NULL DEFAULT '',
    detail jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX ix_audit_log_user_id_id ON auth.audit_log (user_id, id);
GRANT SELECT, INSERT ON auth.audit_log TO artel_auth;

CREATE TABLE auth.exports (
    id uuid DEFAULT uuidv7() CONSTRAINT pk_exports PRIMARY KEY,
    user_id uuid NOT NULL CONSTRAINT fk_exports_user_id_users REFERENCES auth.users,
    status text NOT NULL DEFAULT 'queued'
        CONSTRAINT ck_exports_status CHECK (status IN ('queued', 'running', 'ready', 'failed', 'expired')),
    attempts integer NOT NULL DEFAULT 0,
    lease_until timestamptz,
    object_key text,
    bytes bigint,
    created_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    expires_at timestamptz
);
CREATE INDEX ix_exports_user_id_id ON auth.exports (user_id, id);
GRANT SELECT, INSERT, UPDATE, DELETE ON auth.exports TO artel_auth;

-- What other groups may learn -----------------------------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION identity.live_session(sid uuid, sub uuid)
    RETURNS TABLE (user_id uuid, roles text [])
    LANGUAGE sql STABLE SECURITY DEFINER ROWS 1 SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT u.id, u.roles
    FROM auth.sessions AS s
    JOIN auth.users AS u ON u.id = s.user_id
    WHERE s.id = sid AND u.id = sub AND s.revoked_at IS NULL AND s.expires_at > now()
        AND u.disabled_at IS NULL AND u.deleted_at IS NULL;
END;
CREATE OR REPLACE VIEW identity.public_keys AS
    SELECT kid, jwk, retires_at FROM auth.signing_keys WHERE retires_at IS NULL OR retires_at > now();
CREATE OR REPLACE VIEW identity.people AS SELECT id, display_name, avatar_id FROM auth.users;
