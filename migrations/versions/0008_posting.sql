-- The only way into the journal --------------------------------------------------------------------------------------------

-- Posts the transactions that may be posted, in the order given, and says of each what kept it from being posted; null:
-- nothing did. Each is posted whole or not at all. With p_dry nothing is written; with p_together either all are or none.
--
-- p_ids, p_kinds, p_descriptions, p_originals: the transactions. p_legs: which of them (1, 2 …) each leg belongs to; then its
-- account, side, amount and currency. p_owners: who must own the leg's account; any person where it is all zeros, nobody in
-- particular where it is null. p_releases: how much of the account's held money this leg sets free before it takes any.
--
-- Accounts are locked in order of their ids, so that opposite transfers wait for each other and never in a circle. A hot
-- account that only gets is not locked but for a shared advisory lock, which keeps it from being closed meanwhile: what it
-- gets becomes a delta.
CREATE FUNCTION money.post(
    p_principal uuid [], p_ids uuid [], p_kinds money.transaction_kind [], p_descriptions text [], p_originals uuid [],
    p_legs integer [], p_accounts uuid [], p_sides money.side [], p_amounts bigint [], p_currencies text [],
    p_owners uuid [], p_releases bigint [], p_together boolean DEFAULT false, p_dry boolean DEFAULT false
) RETURNS text [] LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    most CONSTANT bigint := 9007199254740991;  -- 2^53 - 1: the largest integer that JSON carries safely
    -- Artel's own accounts have what everybody has, together: one person's play money must not stop everybody's deposits.
    most_of_all CONSTANT bigint := 1::bigint << 62;
    anybody CONSTANT uuid := '00000000-0000-0000-0000-000000000000';
    legs CONSTANT integer := cardinality(p_legs);
    refusals text [] := array_fill(NULL::text, ARRAY[cardinality(p_ids)]);
    refused text;
    -- The accounts, one place each.
    s_ids uuid [];
    s_owners uuid [];
    s_currencies text [];
    s_credit_normal boolean [];
    s_debits bigint [];
    s_credits bigint [];
    s_held bigint [];
    s_overdrafts bigint [];
    s_versions bigint [];
    s_statuses money.account_status [];
    s_shared boolean [];
    swept uuid [] := '{}';
    places integer [];
    touched boolean [];
    -- What will be written.
    posted integer [] := '{}';
    e_transactions uuid [] := '{}';
    e_accounts uuid [] := '{}';
    e_versions bigint [] := '{}';
    e_currencies text [] := '{}';
    e_sides money.side [] := '{}';
    e_amounts bigint [] := '{}';
    e_balances bigint [] := '{}';
    d_transactions uuid [] := '{}';
    d_accounts uuid [] := '{}';
    d_currencies text [] := '{}';
    d_sides money.side [] := '{}';
    d_amounts bigint [] := '{}';
    first integer := 1;
    last integer;
    at integer;
    balance bigint;
    moment timestamptz;
BEGIN
    SELECT * FROM money.lock_for_posting(p_accounts, p_sides, p_amounts) INTO
        s_ids, s_owners, s_currencies, s_credit_normal, s_debits, s_credits, s_held, s_overdrafts, s_versions, s_statuses, s_shared;
    places := ARRAY(SELECT array_position(s_ids, a) FROM unnest(p_accounts) WITH ORDINALITY AS l (a, n) ORDER BY n);
    touched := array_fill(false, ARRAY[coalesce(cardinality(s_ids), 0)]);

    FOR n IN 1 .. cardinality(p_ids) LOOP
        last := first;
        WHILE last < legs AND p_legs[last + 1] = n LOOP
            last := last + 1;
        END LOOP;
        refused := NULL;
        FOR l IN first .. last LOOP
            at := places[l];
            refused := CASE
                WHEN at IS NULL OR p_owners[l] IS NOT NULL AND (
                    s_owners[at] IS NULL OR p_owners[l] <> anybody AND s_owners[at] <> p_owners[l]
                ) OR p_owners[l] = anybody AND s_statuses[at] = 'closed'
                    THEN CASE p_owners[l] WHEN anybody THEN 'RecipientNotFound' ELSE 'AccountNotFound' END
                WHEN s_statuses[at] = 'closed' THEN 'AccountClosed'
                WHEN s_currencies[at] <> p_currencies[l] THEN 'CurrencyMismatch'
                WHEN at = ANY (places[first : l - 1]) THEN 'SameAccount'
            END;
            EXIT WHEN refused IS NOT NULL;
            balance := CASE WHEN s_credit_normal[at] THEN s_credits[at] - s_debits[at] ELSE s_debits[at] - s_credits[at] END;
            -- What it has turned over in all must be a number of the database's too.
            IF greatest(s_debits[at], s_credits[at]) >= most_of_all THEN
                refused := 'BalanceTooLarge';
            ELSIF (p_sides[l] = 'credit') = s_credit_normal[at] THEN
                IF balance > (CASE WHEN s_owners[at] IS NULL THEN most_of_all ELSE most END) - p_amounts[l] THEN
                    refused := 'BalanceTooLarge';
                END IF;
            ELSIF s_statuses[at] = 'frozen' AND p_owners[l] IS NOT NULL THEN
                refused := 'AccountFrozen';
            ELSIF s_overdrafts[at] IS NOT NULL
                AND balance - s_held[at] + p_releases[l] + s_overdrafts[at] < p_amounts[l]
            THEN
                -- A hold that has expired holds nothing, whether or not anybody has swept it up.
                IF s_held[at] > p_releases[l] AND s_ids[at] <> ALL (swept) THEN
                    swept := swept || s_ids[at];
                    s_held[at] := s_held[at] - money.expire_holds(s_ids[at]);
                END IF;
                IF balance - s_held[at] + p_releases[l] + s_overdrafts[at] < p_amounts[l] THEN
                    refused := 'InsufficientFunds';
                END IF;
            END IF;
            EXIT WHEN refused IS NOT NULL;
        END LOOP;
        refusals[n] := refused;
        IF refused IS NULL THEN
            posted := posted || n;
            FOR l IN first .. last LOOP
                at := places[l];
                IF s_shared[at] THEN
                    d_transactions := d_transactions || p_ids[n];
                    d_accounts := d_accounts || s_ids[at];
                    d_currencies := d_currencies || s_currencies[at];
                    d_sides := d_sides || p_sides[l];
                    d_amounts := d_amounts || p_amounts[l];
                    CONTINUE;
                END IF;
                touched[at] := true;
                s_versions[at] := s_versions[at] + 1;
                s_held[at] := s_held[at] - p_releases[l];
                IF p_sides[l] = 'debit' THEN
                    s_debits[at] := s_debits[at] + p_amounts[l];
                ELSE
                    s_credits[at] := s_credits[at] + p_amounts[l];
                END IF;
                e_transactions := e_transactions || p_ids[n];
                e_accounts := e_accounts || s_ids[at];
                e_versions := e_versions || s_versions[at];
                e_currencies := e_currencies || s_currencies[at];
                e_sides := e_sides || p_sides[l];
                e_amounts := e_amounts || p_amounts[l];
                e_balances := e_balances
                    || CASE WHEN s_credit_normal[at] THEN s_credits[at] - s_debits[at] ELSE s_debits[at] - s_credits[at] END;
            END LOOP;
        END IF;
        first := last + 1;
    END LOOP;

    IF p_dry OR cardinality(posted) = 0 OR p_together AND cardinality(posted) < cardinality(p_ids) THEN
        RETURN refusals;
    END IF;
    UPDATE money.accounts AS a SET debits = s.debits, credits = s.credits, held = s.held, version = s.version
    FROM unnest(s_ids, s_debits, s_credits, s_held, s_versions, touched) AS s (id, debits, credits, held, version, touched)
    WHERE a.id = s.id AND s.touched;
    moment := clock_timestamp();
    WITH journal AS (
        INSERT INTO money.transactions (id, kind, description, created_by, original_id, sides, posted_at)
        SELECT t.id, t.kind, t.description, t.principal, t.original, l.sides, moment
        FROM unnest(p_ids, p_kinds, p_descriptions, p_principal, p_originals)
            WITH ORDINALITY AS t (id, kind, description, principal, original, n)
        JOIN (SELECT leg, count(*) AS sides FROM unnest(p_legs) AS leg GROUP BY leg) AS l ON l.leg = t.n
        WHERE t.n = ANY (posted)
    ), pending AS (
        INSERT INTO money.deltas (transaction_id, account_id, currency, side, amount)
        SELECT * FROM unnest(d_transactions, d_accounts, d_currencies, d_sides, d_amounts)
    ), told AS (
        INSERT INTO money.outbox (transaction_id) SELECT p_ids[n] FROM unnest(posted) AS n
    )
    INSERT INTO money.entries
        (transaction_id, account_id, account_version, currency, side, amount, balance_after, booked_at)
    SELECT *, moment
    FROM unnest(e_transactions, e_accounts, e_versions, e_currencies, e_sides, e_amounts, e_balances);
    RETURN refusals;
END
$$;

-- The accounts of these legs as arrays with one place each, locked, or only shared: what those get becomes deltas.
CREATE FUNCTION money.lock_for_posting(
    p_accounts uuid [], p_sides money.side [], p_amounts bigint [],
    OUT ids uuid [], OUT owners uuid [], OUT currencies text [], OUT credit_normal boolean [], OUT debits bigint [],
    OUT credits bigint [], OUT held bigint [], OUT overdrafts bigint [], OUT versions bigint [], OUT statuses money.account_status [],
    OUT shared boolean []
) LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    -- Who gets an amount so large that many of them at once could pass 2^53 is locked like one who spends.
    exact CONSTANT uuid [] := ARRAY(
        SELECT l.id FROM unnest(p_accounts, p_sides, p_amounts) AS l (id, side, amount)
        WHERE l.side = 'debit' OR l.amount > 1::bigint << 40
    );
    wanted CONSTANT integer := (SELECT count(DISTINCT id) FROM unnest(p_accounts) AS id);
    hot uuid [];
    others record;
BEGIN
    SELECT
        array_agg(a.id), array_agg(a.owner_id), array_agg(a.currency), array_agg(a.normal_side = 'credit'),
        array_agg(a.debits), array_agg(a.credits), array_agg(a.held), array_agg(a.overdraft), array_agg(a.version),
        array_agg(a.status), array_agg(false), array_agg(a.id) FILTER (WHERE a.hot)
    INTO ids, owners, currencies, credit_normal, debits, credits, held, overdrafts, versions, statuses, shared, hot
    FROM (
        SELECT * FROM money.accounts AS a
        WHERE id = ANY (p_accounts) AND NOT (
            a.hot AND (a.owner_id IS NULL OR money.balance(a) < 1::bigint << 52) AND (overdraft IS NULL OR id <> ALL (exact))
        )
        ORDER BY id FOR NO KEY UPDATE
    ) AS a;
    IF coalesce(cardinality(ids), 0) < wanted THEN
        -- The lock first and the look afterwards: whoever had it before may have closed the account.
        PERFORM pg_advisory_xact_lock_shared(money.lock_of(id))
        FROM (SELECT DISTINCT id FROM unnest(p_accounts) AS id WHERE id = ANY (ids) IS NOT true ORDER BY id) AS rest;
        FOR others IN
            SELECT a.* FROM money.accounts AS a
            WHERE a.id = ANY (p_accounts) AND a.id = ANY (ids) IS NOT true
        LOOP
            IF NOT others.hot THEN
                RAISE EXCEPTION 'account % has just stopped being hot', others.id USING ERRCODE = 'serialization_failure';
            END IF;
            ids := ids || others.id;
            owners := owners || others.owner_id;
            currencies := currencies || others.currency;
            credit_normal := credit_normal || (others.normal_side = 'credit');
            debits := debits || others.debits;
            credits := credits || others.credits;
            held := held || others.held;
            overdrafts := overdrafts || others.overdraft;
            versions := versions || others.version;
            statuses := statuses || others.status;
            shared := shared || true;
        END LOOP;
    END IF;
    IF hot IS NOT NULL THEN
        FOR i IN 1 .. cardinality(ids) LOOP
            IF ids[i] = ANY (hot) THEN
                others := money.fold(ids[i]);
                debits[i] := others.debits;
                credits[i] := others.credits;
                versions[i] := others.version;
            END IF;
        END LOOP;
    END IF;
END
$$;

CREATE FUNCTION money.lock_of(p_account uuid) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN uuid_hash_extended(p_account, 4172);

-- Gives every delta of the account that can be seen its place in the account's history, and returns the account as it is then.
-- DELETE … RETURNING takes exactly what it moves: deltas are committed in another order than they are numbered, so a mark
-- up to which all were done would lose some.
CREATE FUNCTION money.fold(p_account uuid) RETURNS money.accounts
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    before money.accounts;
    after money.accounts;
    moment timestamptz;
BEGIN
    SELECT * INTO before FROM money.accounts WHERE id = p_account FOR NO KEY UPDATE;
    moment := clock_timestamp();
    WITH taken AS (
        DELETE FROM money.deltas WHERE account_id = p_account RETURNING *
    ), placed AS (
        SELECT
            *,
            row_number() OVER w AS place,
            sum(CASE side WHEN before.normal_side THEN amount ELSE -amount END) OVER w AS change
        FROM taken WINDOW w AS (ORDER BY transaction_id)
    ), entered AS (
        INSERT INTO money.entries
            (transaction_id, account_id, account_version, currency, side, amount, balance_after, booked_at)
        SELECT
            transaction_id, p_account, before.version + place, currency, side, amount, money.balance(before) + change,
            moment
        FROM placed
    ), total AS (
        SELECT
            count(*) AS entries,
            coalesce(sum(amount) FILTER (WHERE side = 'debit'), 0) AS debits,
            coalesce(sum(amount) FILTER (WHERE side = 'credit'), 0) AS credits
        FROM taken
    )
    UPDATE money.accounts AS a
    SET debits = a.debits + t.debits, credits = a.credits + t.credits, version = a.version + t.entries
    FROM total AS t WHERE a.id = p_account AND t.entries > 0 RETURNING a.* INTO after;
    RETURN CASE WHEN after.id IS NULL THEN before ELSE after END;
END
$$;
