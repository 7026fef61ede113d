-- I1: a transaction and its entries are inserted by one statement. Statement triggers fire at its end, when both are
-- there, and cost 0.85 of the bare rate; a deferred row trigger costs 0.72.

CREATE FUNCTION money.refuse_lone_transactions() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    lone uuid;
BEGIN
    SELECT t.id INTO lone FROM new_transactions AS t
    WHERE (SELECT count(*) FROM money.entries AS e WHERE e.transaction_id = t.id) < 2 LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'transaction % has fewer than two entries', lone USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER two_entries AFTER INSERT ON money.transactions
REFERENCING NEW TABLE AS new_transactions
FOR EACH STATEMENT EXECUTE FUNCTION money.refuse_lone_transactions();

CREATE FUNCTION money.refuse_unbalanced_entries() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    wrong uuid;
BEGIN
    SELECT transaction_id INTO wrong FROM new_entries
    GROUP BY transaction_id, currency
    HAVING sum(CASE side WHEN 'debit' THEN amount ELSE -amount END) <> 0 LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'transaction % does not sum to zero', wrong USING ERRCODE = 'check_violation';
    END IF;
    -- Entries that come later than their transaction would pass the sum: the whole must come at once.
    SELECT n.transaction_id INTO wrong FROM new_entries AS n
    GROUP BY n.transaction_id
    HAVING count(*) <> (SELECT count(*) FROM money.entries AS e WHERE e.transaction_id = n.transaction_id) LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'transaction % already has its entries', wrong USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER balanced AFTER INSERT ON money.entries
REFERENCING NEW TABLE AS new_entries
FOR EACH STATEMENT EXECUTE FUNCTION money.refuse_unbalanced_entries();

-- I5, against the owner too: what is written stays.
CREATE FUNCTION money.refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION '% of % is refused: the ledger is append-only', tg_op, tg_table_name
    USING ERRCODE = 'insufficient_privilege';
END
$$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON money.transactions
FOR EACH STATEMENT EXECUTE FUNCTION money.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON money.entries
FOR EACH STATEMENT EXECUTE FUNCTION money.refuse_change();
CREATE TRIGGER append_only BEFORE DELETE OR TRUNCATE ON money.idempotency_keys
FOR EACH STATEMENT EXECUTE FUNCTION money.refuse_change();
CREATE TRIGGER stays BEFORE DELETE OR TRUNCATE ON money.accounts
FOR EACH STATEMENT EXECUTE FUNCTION money.refuse_change();
