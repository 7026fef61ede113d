-- What people are called by others: short, public, and theirs alone while they have it.
ALTER TABLE auth.users
    ADD COLUMN handle text CONSTRAINT uq_users_handle UNIQUE,
    ADD CONSTRAINT ck_users_handle CHECK (handle ~ '^[a-z][a-z0-9_]{2,29}$');

CREATE OR REPLACE VIEW identity.people AS
    SELECT
        id,
        CASE WHEN deleted_at IS NULL THEN display_name ELSE 'Deleted account' END AS display_name,
        CASE WHEN deleted_at IS NULL THEN avatar_id END AS avatar_id,
        CASE WHEN deleted_at IS NULL THEN handle END AS handle
    FROM auth.users WHERE erased_at IS NULL;

-- What stands for an address where others' money waits for it. Immutable, since databases are in UTF-8 only.
CREATE FUNCTION identity.address_hash(p_email_key text) RETURNS bytea
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
RETURN sha256(convert_to(p_email_key, 'UTF8'));
CREATE INDEX ix_users_address_hash ON auth.users (identity.address_hash(email_key)) WHERE email_verified_at IS NOT NULL;

-- Whose verified address it is. Nobody's while its account is disabled or deleted.
CREATE FUNCTION identity.holder_of_address(p_hash bytea) RETURNS uuid
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT id FROM auth.users
    WHERE identity.address_hash(email_key) = p_hash
        AND email_verified_at IS NOT NULL AND deleted_at IS NULL AND disabled_at IS NULL;
$$;

CREATE FUNCTION identity.holder_of_handle(p_handle text) RETURNS uuid
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT id FROM auth.users WHERE handle = p_handle AND deleted_at IS NULL AND disabled_at IS NULL;
$$;

-- The other way round: the hash of somebody's own address, once they have shown that it is theirs.
CREATE FUNCTION identity.address_of(p_person uuid) RETURNS bytea
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT identity.address_hash(email_key) FROM auth.users
    WHERE id = p_person AND email_verified_at IS NOT NULL AND deleted_at IS NULL AND disabled_at IS NULL;
$$;

CREATE FUNCTION identity.is_here(p_person uuid) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (SELECT FROM auth.users WHERE id = p_person AND deleted_at IS NULL AND disabled_at IS NULL);
$$;

-- A letter from another group, sent as auth's own are.
CREATE FUNCTION identity.queue_letter(p_recipient text, p_subject text, p_text text, p_html text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO auth.mails (recipient, subject, text, html) VALUES (p_recipient, p_subject, p_text, p_html);
$$;
