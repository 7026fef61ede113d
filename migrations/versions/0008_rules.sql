-- I1 and I2, with entries that may stand in two tables: a statement that touches a transaction leaves it with exactly the entries it
-- was posted with, which sum to zero in each currency, each in its account's.

DROP TRIGGER two_entries ON money.transactions;
DROP TRIGGER balanced ON money.entries;
DROP FUNCTION money.refuse_lone_transactions;
DROP FUNCTION money.refuse_unbalanced_entries;

CREATE VIEW money.sides AS
    SELECT transaction_id, account_id, currency, side, amount FROM money.entries
    UNION ALL
    SELECT transaction_id, account_id, currency, side, amount FROM money.deltas;

-- These three have no settings of their own: setting them took a tenth of a transfer. Whoever posts has them, see
-- money.transfer. What is usual is looked at first and by itself, because preparing to look further took a fifth.
CREATE FUNCTION money.refuse_unbalanced() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wrong record;
BEGIN
    -- A lone entry has its other side in the deltas.
    IF (SELECT count(*) FROM touched) > 1 THEN
        IF NOT EXISTS (
            SELECT FROM (SELECT DISTINCT transaction_id FROM touched) AS touched
            WHERE (
                SELECT
                    count(*) = (SELECT t.sides FROM money.transactions AS t WHERE t.id = touched.transaction_id)
                    AND sum(CASE e.side WHEN 'debit' THEN e.amount ELSE -e.amount END) = 0
                    AND min(e.currency) = max(e.currency)
                    AND bool_and(e.currency = (SELECT a.currency FROM money.accounts AS a WHERE a.id = e.account_id))
                FROM money.entries AS e WHERE e.transaction_id = touched.transaction_id
            ) IS NOT true
        ) THEN
            RETURN NULL;
        END IF;
    END IF;
    IF NOT EXISTS (
        SELECT FROM (SELECT DISTINCT transaction_id FROM touched) AS touched
        WHERE (
            SELECT
                count(*) = (SELECT t.sides FROM money.transactions AS t WHERE t.id = touched.transaction_id)
                AND sum(CASE s.side WHEN 'debit' THEN s.amount ELSE -s.amount END) = 0
                AND min(s.currency) = max(s.currency)
                AND bool_and(s.currency = (SELECT a.currency FROM money.accounts AS a WHERE a.id = s.account_id))
            FROM money.sides AS s WHERE s.transaction_id = touched.transaction_id
        ) IS NOT true
    ) THEN
        RETURN NULL;
    END IF;
    SELECT t.id, t.sides, count(*) AS found, bool_and(a.id IS NOT NULL) AS fits INTO wrong
    FROM (SELECT DISTINCT transaction_id AS id FROM touched) AS one
    LEFT JOIN money.transactions AS t ON t.id = one.id
    LEFT JOIN money.sides AS s ON s.transaction_id = one.id
    LEFT JOIN money.accounts AS a ON a.id = s.account_id AND a.currency = s.currency
    GROUP BY one.id, t.id, t.sides
    HAVING t.id IS NULL OR count(*) <> t.sides OR bool_or(a.id IS NULL) OR sum(CASE s.side WHEN 'debit' THEN s.amount ELSE -s.amount END) <> 0
        OR min(s.currency) <> max(s.currency) AND EXISTS (
            SELECT FROM money.sides AS each_currency WHERE each_currency.transaction_id = t.id
            GROUP BY each_currency.currency
            HAVING sum(CASE each_currency.side WHEN 'debit' THEN each_currency.amount ELSE -each_currency.amount END) <> 0
        )
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '%', CASE
            WHEN wrong.id IS NULL THEN 'an entry has no transaction'
            WHEN wrong.found <> wrong.sides THEN
                format('transaction %s was posted with %s entries: there cannot be %s', wrong.id, wrong.sides, wrong.found)
            WHEN NOT wrong.fits THEN format('transaction %s has an entry that is not in its account''s currency', wrong.id)
            ELSE format('transaction %s does not sum to zero', wrong.id)
        END USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END
$$;

-- A transaction with an entry is checked because of that entry; one with none has deltas, or nothing.
CREATE FUNCTION money.refuse_lone_transactions() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    lone uuid;
BEGIN
    IF NOT EXISTS (
        SELECT FROM touched AS t
        -- Not an OR: that is answered by reading the whole table.
        WHERE (
            SELECT e.transaction_id FROM money.entries AS e
            WHERE e.transaction_id = t.id AND t.original_id IS DISTINCT FROM t.id LIMIT 1
        ) IS NULL
    ) THEN
        RETURN NULL;
    ELSIF EXISTS (SELECT FROM touched WHERE original_id = id) THEN
        RAISE EXCEPTION 'a transaction cannot take itself back' USING ERRCODE = 'check_violation';
    END IF;
    SELECT t.id INTO lone FROM touched AS t
    WHERE NOT EXISTS (SELECT FROM money.entries AS e WHERE e.transaction_id = t.id) AND (
        SELECT count(*) <> t.sides OR sum(CASE d.side WHEN 'debit' THEN d.amount ELSE -d.amount END) <> 0
            OR min(d.currency) <> max(d.currency)
            OR bool_and(d.currency = (SELECT a.currency FROM money.accounts AS a WHERE a.id = d.account_id)) IS NOT true
        FROM money.deltas AS d WHERE d.transaction_id = t.id
    ) LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'transaction % has fewer than two entries', lone USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END
$$;

-- The statement that inserts a transaction inserts its deltas: xmin and cmin say which statement a row is from.
CREATE FUNCTION money.refuse_late_deltas() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    late uuid;
BEGIN
    SELECT d.transaction_id INTO late
    FROM touched
    JOIN money.deltas AS d USING (transaction_id, account_id)
    LEFT JOIN money.transactions AS t ON t.id = d.transaction_id
    WHERE (t.xmin, t.cmin) IS DISTINCT FROM (d.xmin, d.cmin) LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'transaction % already has its entries', late USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END
$$;

-- What posting never changes is not looked at when it posts.
CREATE FUNCTION money.refuse_account() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'account % has an owner or a code, and what is bounded grows by credits', new.id
        USING ERRCODE = 'check_violation';
END
$$;
CREATE TRIGGER of_a_kind BEFORE INSERT OR UPDATE OF owner_id, code, normal_side, overdraft ON money.accounts
FOR EACH ROW WHEN (
    (new.owner_id IS NULL) <> (new.code IS NOT NULL) OR new.overdraft IS NOT NULL AND new.normal_side <> 'credit'
)
EXECUTE FUNCTION money.refuse_account();

CREATE TRIGGER keeps_its_currency BEFORE UPDATE OF id, currency ON money.accounts
FOR EACH ROW WHEN ((new.id, new.currency) IS DISTINCT FROM (old.id, old.currency)) EXECUTE FUNCTION money.refuse_change();

CREATE TRIGGER two_entries AFTER INSERT ON money.transactions
REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION money.refuse_lone_transactions();
CREATE TRIGGER balanced AFTER INSERT ON money.entries
REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION money.refuse_unbalanced();
CREATE TRIGGER not_late AFTER INSERT ON money.deltas
REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION money.refuse_late_deltas();
CREATE TRIGGER balanced_without AFTER DELETE ON money.deltas
REFERENCING OLD TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION money.refuse_unbalanced();

-- When a person is erased their words go; nothing else of a transaction ever changes.
CREATE TRIGGER only_words_go BEFORE UPDATE ON money.transactions
FOR EACH ROW WHEN (
    new.description <> '' OR (new.id, new.kind, new.created_by, new.posted_at, new.original_id, new.sides)
    IS DISTINCT FROM (old.id, old.kind, old.created_by, old.posted_at, old.original_id, old.sides)
)
EXECUTE FUNCTION money.refuse_change();

CREATE TRIGGER append_only BEFORE UPDATE OR TRUNCATE ON money.deltas
FOR EACH STATEMENT EXECUTE FUNCTION money.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON money.seals
FOR EACH STATEMENT EXECUTE FUNCTION money.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON money.hold_resolutions
FOR EACH STATEMENT EXECUTE FUNCTION money.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON money.actions
FOR EACH STATEMENT EXECUTE FUNCTION money.refuse_change();
CREATE TRIGGER stays BEFORE DELETE OR TRUNCATE ON money.holds
FOR EACH STATEMENT EXECUTE FUNCTION money.refuse_change();
CREATE TRIGGER stays BEFORE DELETE OR TRUNCATE ON money.returns
FOR EACH STATEMENT EXECUTE FUNCTION money.refuse_change();
CREATE TRIGGER stays BEFORE DELETE OR TRUNCATE ON money.adjustments
FOR EACH STATEMENT EXECUTE FUNCTION money.refuse_change();
CREATE TRIGGER stays BEFORE TRUNCATE ON money.outbox
FOR EACH STATEMENT EXECUTE FUNCTION money.refuse_change();
