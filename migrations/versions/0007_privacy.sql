-- For what the background looks after, every minute or oftener, and for who did what.
CREATE INDEX ix_audit_log_actor_id_id ON auth.audit_log (actor_id, id);
CREATE INDEX ix_exports_status ON auth.exports (status) WHERE status IN ('queued', 'running', 'ready');
CREATE INDEX ix_devices_last_seen_at ON auth.devices (last_seen_at);

-- The auth service reads and erases what other groups hold of a person by these functions, and by nothing else. They run
-- with their owner's rights; other groups' roles may not call them.

-- What a person gets, one JSON object a row -----------------------------------------------------------------------------

CREATE FUNCTION identity.export_money_accounts(person uuid) RETURNS SETOF json
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT row_to_json(line) FROM (
        SELECT a.id, a.name, a.currency, c.exponent, money.balance(a) AS balance, a.held, a.created_at
        FROM money.accounts AS a JOIN money.currencies AS c ON c.code = a.currency
        WHERE a.owner_id = person ORDER BY a.id
    ) AS line;
END;

-- As in the account's own history: of the other side no more than the number of a person's account.
CREATE FUNCTION identity.export_money_entries(person uuid) RETURNS SETOF json
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT row_to_json(line) FROM (
        SELECT
            e.account_id, e.account_version AS number, e.transaction_id, t.kind, t.description, e.currency,
            CASE e.side WHEN a.normal_side THEN e.amount ELSE -e.amount END AS amount,
            e.balance_after, other.id AS counterparty_account_id, t.posted_at
        FROM money.accounts AS a
        JOIN money.entries AS e ON e.account_id = a.id
        JOIN money.transactions AS t ON t.id = e.transaction_id
        LEFT JOIN money.entries AS o ON o.transaction_id = e.transaction_id AND o.account_id <> e.account_id
        LEFT JOIN money.accounts AS other ON other.id = o.account_id AND other.owner_id IS NOT NULL
        WHERE a.owner_id = person ORDER BY e.account_id, e.account_version
    ) AS line;
END;

CREATE FUNCTION identity.export_money_requests(person uuid) RETURNS SETOF json
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT row_to_json(line) FROM (
        SELECT key AS idempotency_key, outcome, created_at
        FROM money.idempotency_keys WHERE principal_id = person ORDER BY created_at
    ) AS line;
END;

-- Deleted ones too: they are hidden from everybody else, and still there.
CREATE FUNCTION identity.export_posts(person uuid) RETURNS SETOF json
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT row_to_json(line) FROM (
        SELECT
            p.id, p.slug, p.title, p.body, p.version, p.created_at, p.updated_at, p.deleted_at,
            ARRAY(
                SELECT t.name FROM posts.post_tags AS pt JOIN posts.tags AS t ON t.id = pt.tag_id
                WHERE pt.post_id = p.id ORDER BY t.name
            ) AS tags
        FROM posts.posts AS p WHERE p.author_id = person ORDER BY p.id
    ) AS line;
END;

CREATE FUNCTION identity.export_uploads(person uuid) RETURNS SETOF json
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT row_to_json(line) FROM (
        SELECT
            u.id, u.filename, u.size, u.state, u.rows_read, u.rows_refused, u.error, u.created_at, u.finished_at,
            ARRAY(
                SELECT json_build_object('sheet', p.sheet, 'cell', p.cell, 'value', p.value, 'reason', p.reason)
                FROM analytics.upload_problems AS p WHERE p.upload_id = u.id ORDER BY p.position
            ) AS problems
        FROM analytics.uploads AS u WHERE u.user_id = person ORDER BY u.id
    ) AS line;
END;

CREATE FUNCTION identity.export_datasets(person uuid) RETURNS SETOF json
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT row_to_json(line) FROM (
        SELECT
            d.id, d.upload_id, d.name, d.notes, d.created_at,
            ARRAY(
                SELECT json_build_object(
                    'name', t.name, 'sheets', t.sheets, 'rows', t.rows, 'notes', t.notes, 'columns', t.columns
                )
                FROM analytics.dataset_tables AS t WHERE t.dataset_id = d.id ORDER BY t.position
            ) AS tables
        FROM analytics.datasets AS d WHERE d.user_id = person ORDER BY d.id
    ) AS line;
END;

-- Where a person's files stand; those with an upload's id are what they sent, the others were made of it.
CREATE FUNCTION identity.stored_files(person uuid)
    RETURNS TABLE (bucket text, key text, upload_id uuid, filename text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT u.bucket, u.key, u.id, u.filename FROM analytics.uploads AS u WHERE u.user_id = person
    UNION ALL
    SELECT t.bucket, t.key, NULL, NULL
    FROM analytics.datasets AS d JOIN analytics.dataset_tables AS t ON t.dataset_id = d.id
    WHERE d.user_id = person;
END;

-- The ledger stays append-only, but for this: when a person is erased, their words go. Who owes whom what stays. -----------

DROP TRIGGER append_only ON money.transactions;
CREATE TRIGGER append_only BEFORE DELETE OR TRUNCATE ON money.transactions
FOR EACH STATEMENT EXECUTE FUNCTION money.refuse_change();
CREATE TRIGGER stays_as_it_is BEFORE UPDATE ON money.transactions
FOR EACH STATEMENT WHEN (current_setting('artel.erasing', true) IS DISTINCT FROM 'on')
EXECUTE FUNCTION money.refuse_change();
CREATE TRIGGER only_words_go BEFORE UPDATE ON money.transactions
FOR EACH ROW WHEN (
    new.description <> ''
    OR (new.id, new.kind, new.created_by, new.posted_at) IS DISTINCT FROM (old.id, old.kind, old.created_by, old.posted_at)
)
EXECUTE FUNCTION money.refuse_change();

DROP TRIGGER append_only ON money.idempotency_keys;
CREATE TRIGGER append_only BEFORE TRUNCATE ON money.idempotency_keys
FOR EACH STATEMENT EXECUTE FUNCTION money.refuse_change();
CREATE TRIGGER stays BEFORE DELETE ON money.idempotency_keys
FOR EACH STATEMENT WHEN (current_setting('artel.erasing', true) IS DISTINCT FROM 'on')
EXECUTE FUNCTION money.refuse_change();

-- Erase what other groups hold of somebody who has deleted their account, and make the audit log forget where they were.
CREATE FUNCTION identity.erase(person uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    used uuid [];
BEGIN
    PERFORM FROM auth.users WHERE id = person AND deleted_at IS NOT NULL AND erased_at IS NULL FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'person % has not deleted the account', person USING ERRCODE = 'insufficient_privilege';
    END IF;

    PERFORM set_config('artel.erasing', 'on', true);
    -- By way of the accounts: there is no index on who made a transaction.
    UPDATE money.transactions AS t SET description = ''
    FROM money.accounts AS a JOIN money.entries AS e ON e.account_id = a.id
    WHERE a.owner_id = person AND t.id = e.transaction_id
        AND t.created_by = person AND t.kind = 'transfer' AND t.description <> '';
    UPDATE money.accounts SET name = '' WHERE owner_id = person AND name <> '';
    DELETE FROM money.idempotency_keys WHERE principal_id = person;
    PERFORM set_config('artel.erasing', 'off', true);

    used := ARRAY(
        SELECT DISTINCT pt.tag_id FROM posts.post_tags AS pt JOIN posts.posts AS p ON p.id = pt.post_id
        WHERE p.author_id = person
    );
    DELETE FROM posts.post_tags WHERE post_id IN (SELECT id FROM posts.posts WHERE author_id = person);
    DELETE FROM posts.posts WHERE author_id = person;
    -- Words that nobody else has used.
    DELETE FROM posts.tags AS t
    WHERE t.id = ANY (used) AND NOT EXISTS (SELECT FROM posts.post_tags AS pt WHERE pt.tag_id = t.id);

    DELETE FROM analytics.dataset_tables
    WHERE dataset_id IN (SELECT id FROM analytics.datasets WHERE user_id = person);
    DELETE FROM analytics.datasets WHERE user_id = person;
    DELETE FROM analytics.upload_problems
    WHERE upload_id IN (SELECT id FROM analytics.uploads WHERE user_id = person);
    DELETE FROM analytics.uploads WHERE user_id = person;

    UPDATE auth.audit_log SET
        address = '', user_agent = '', request_id = '',
        detail = CASE user_id WHEN person THEN '{}' ELSE detail END
    WHERE user_id = person OR actor_id = person;
END
$$;

REVOKE ALL ON FUNCTION
    identity.export_money_accounts, identity.export_money_entries, identity.export_money_requests, identity.export_posts,
    identity.export_uploads, identity.export_datasets, identity.stored_files, identity.erase FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
    identity.export_money_accounts, identity.export_money_entries, identity.export_money_requests, identity.export_posts,
    identity.export_uploads, identity.export_datasets, identity.stored_files, identity.erase TO artel_auth;

-- Who has deleted the account has no name for others any more; who was erased is nobody.
CREATE OR REPLACE VIEW identity.people AS
    SELECT
        id,
        CASE WHEN deleted_at IS NULL THEN display_name ELSE 'Deleted account' END AS display_name,
        CASE WHEN deleted_at IS NULL THEN avatar_id END AS avatar_id
    FROM auth.users WHERE erased_at IS NULL;

-- To hold the tags of a post that is being written: whoever is erased takes along those that nobody else uses.
GRANT UPDATE (name) ON posts.tags TO artel_posts;
