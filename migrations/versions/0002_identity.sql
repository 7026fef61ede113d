GRANT SELECT, INSERT, UPDATE ON auth.users, auth.sessions TO artel_auth;
GRANT SELECT, INSERT ON auth.signing_keys TO artel_auth;

-- The one question every request asks: does this session still live? No row means 401.
CREATE FUNCTION identity.live_session(sid uuid, sub uuid)
    RETURNS TABLE (user_id uuid, roles text [])
    LANGUAGE sql STABLE SECURITY DEFINER ROWS 1 SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT u.id, u.roles
    FROM auth.sessions AS s
    JOIN auth.users AS u ON u.id = s.user_id
    WHERE s.id = sid AND u.id = sub AND s.revoked_at IS NULL AND s.expires_at > now() AND u.disabled_at IS NULL;
END;
REVOKE ALL ON FUNCTION identity.live_session FROM PUBLIC;
GRANT EXECUTE ON FUNCTION identity.live_session TO artel_auth, artel_money, artel_posts, artel_analytics;

-- Views run with their owner's rights: they show these columns and no others.
CREATE VIEW identity.public_keys AS SELECT kid, jwk FROM auth.signing_keys WHERE retired_at IS NULL;
CREATE VIEW identity.people AS SELECT id, display_name FROM auth.users;
GRANT SELECT ON identity.public_keys, identity.people TO artel_auth, artel_money, artel_posts, artel_analytics;
