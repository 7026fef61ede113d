-- Roles belong to the cluster and not to a database, so they are made here, before the first revision, and only if absent.
-- artel_owner owns every table and cannot log in; a group logs in as its own role and has only what revisions grant it.
DO $$
DECLARE
    group_role text;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'artel_owner') THEN
        CREATE ROLE artel_owner NOLOGIN;
    END IF;
    FOREACH group_role IN ARRAY ARRAY ['artel_auth', 'artel_money', 'artel_posts', 'artel_analytics'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = group_role) THEN
            EXECUTE format('CREATE ROLE %I LOGIN', group_role);
            -- A client that hangs must not hold locks: the gateway gives up after 30 s.
            EXECUTE format('ALTER ROLE %I SET statement_timeout = %L', group_role, '25s');
            EXECUTE format('ALTER ROLE %I SET lock_timeout = %L', group_role, '5s');
            EXECUTE format('ALTER ROLE %I SET idle_in_transaction_session_timeout = %L', group_role, '30s');
        END IF;
    END LOOP;
    IF NOT pg_has_role(current_user, 'artel_owner', 'SET') THEN
        EXECUTE format('GRANT artel_owner TO %I', current_user);
    END IF;
    EXECUTE format('GRANT CREATE ON DATABASE %I TO artel_owner', current_database());
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO artel_auth, artel_money, artel_posts, artel_analytics', current_database());
END
$$;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
CREATE SCHEMA IF NOT EXISTS artel AUTHORIZATION artel_owner;
