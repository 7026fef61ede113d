-- Decides and posts transfers whose keys are claimed, as money.post does; p_ids are their transactions'. Fees go on top of what
-- the recipient gets. Limits are looked at in order of owner, so that nobody waits in a circle.
CREATE FUNCTION money.post_transfers(
    p_principals uuid [], p_ids uuid [], p_from uuid [], p_to uuid [], p_amounts bigint [], p_currencies text [],
    p_descriptions text [], p_together boolean DEFAULT false, p_dry boolean DEFAULT false
) RETURNS text [] LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    anybody CONSTANT uuid := '00000000-0000-0000-0000-000000000000';
    orders CONSTANT integer := cardinality(p_ids);
    fees bigint [] := array_fill(0::bigint, ARRAY[orders]);
    fee_accounts uuid [] := array_fill(NULL::uuid, ARRAY[orders]);
    limited text [];
    refusals text [];
    legs record;
    one record;
BEGIN
    IF EXISTS (SELECT FROM money.fee_rules WHERE operation = 'transfer' AND ended_at IS NULL) THEN
        FOR n IN 1 .. orders LOOP
            fees[n] := money.fee('transfer', p_currencies[n], p_amounts[n]);
            IF fees[n] > 0 THEN
                fee_accounts[n] := money.system_account('fees', p_currencies[n]);
            END IF;
        END LOOP;
    END IF;
    IF EXISTS (SELECT FROM money.limits) THEN
        limited := array_fill(NULL::text, ARRAY[orders]);
        FOR one IN
            SELECT * FROM unnest(p_principals, p_currencies, p_amounts) WITH ORDINALITY AS o (owner, currency, amount, n)
            ORDER BY owner, currency, n
        LOOP
            limited[one.n] := money.spend(one.owner, one.currency, one.amount, p_dry);
        END LOOP;
    END IF;
    -- One that a limit refuses goes along with an account that does not exist, so that the places stay.
    SELECT
        array_agg(l.n ORDER BY l.n, l.leg) AS ns, array_agg(l.account ORDER BY l.n, l.leg) AS accounts,
        array_agg(l.side ORDER BY l.n, l.leg) AS sides, array_agg(l.amount ORDER BY l.n, l.leg) AS amounts,
        array_agg(l.currency ORDER BY l.n, l.leg) AS currencies, array_agg(l.owner ORDER BY l.n, l.leg) AS owners,
        array_agg(0::bigint) AS releases
    INTO legs
    FROM (
        SELECT o.n::integer, v.leg, v.account, v.side, v.amount, o.currency, v.owner
        FROM unnest(p_principals, p_from, p_to, p_amounts, p_currencies, fees, fee_accounts, limited)
            WITH ORDINALITY AS o (principal, payer, payee, amount, currency, fee, fee_account, refused, n)
        CROSS JOIN LATERAL (
            VALUES
                (1, CASE WHEN o.refused IS NULL THEN o.payer END, 'debit'::money.side, o.amount + o.fee, o.principal),
                (2, o.payee, 'credit', o.amount, anybody),
                (3, o.fee_account, 'credit', o.fee, NULL)
        ) AS v (leg, account, side, amount, owner)
        WHERE v.leg < 3 OR v.amount > 0
    ) AS l;
    refusals := money.post(
        p_principals, p_ids, array_fill('transfer'::money.transaction_kind, ARRAY[orders]), p_descriptions,
        array_fill(NULL::uuid, ARRAY[orders]), legs.ns, legs.accounts, legs.sides, legs.amounts, legs.currencies,
        legs.owners, legs.releases, p_together, p_dry
    );
    IF limited IS NOT NULL THEN
        FOR n IN 1 .. orders LOOP
            IF limited[n] IS NOT NULL THEN
                refusals[n] := limited[n];
            ELSIF NOT p_dry AND (refusals[n] IS NOT NULL OR p_together AND num_nonnulls(VARIADIC refusals) > 0) THEN
                PERFORM money.unspend(p_principals[n], p_currencies[n], p_amounts[n]);
            END IF;
        END LOOP;
    END IF;
    RETURN refusals;
END
$$;

-- Transfers of several people at once, each under its own key. Says of each, in the order given: its transaction, what refused
-- it, whether that is an earlier request's doing, the fee, the payer's balance after it, and when it was posted.
CREATE FUNCTION money.transfer(
    p_principals uuid [], p_keys text [], p_fingerprints bytea [],
    p_from uuid [], p_to uuid [], p_amounts bigint [], p_currencies text [], p_descriptions text []
) RETURNS TABLE (
    n integer, transaction_id uuid, refused text, replayed boolean, fee bigint, balance_after bigint, posted_at timestamptz
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
    mine record;
    refusals text [];
BEGIN
    WITH claimed AS (
        INSERT INTO money.idempotency_keys AS k (principal_id, key, fingerprint, transaction_id)
        SELECT o.principal, o.key, o.fingerprint, uuidv7()
        FROM unnest(p_principals, p_keys, p_fingerprints) WITH ORDINALITY AS o (principal, key, fingerprint, n)
        -- n too: of two with one key it is the first whose effect there is, so it must be its fingerprint.
        ORDER BY o.principal, o.key, o.n
        ON CONFLICT DO NOTHING RETURNING k.principal_id, k.key, k.transaction_id
    ), first AS (
        SELECT DISTINCT ON (o.principal, o.key) o.*
        FROM unnest(p_principals, p_keys, p_from, p_to, p_amounts, p_currencies, p_descriptions)
            WITH ORDINALITY AS o (principal, key, payer, payee, amount, currency, description, n)
        ORDER BY o.principal, o.key, o.n
    )
    SELECT
        array_agg(q.n) AS ns, array_agg(q.principal) AS principals, array_agg(q.key) AS keys,
        array_agg(q.transaction_id) AS ids, array_agg(q.payer) AS payers, array_agg(q.payee) AS payees,
        array_agg(q.amount) AS amounts, array_agg(q.currency) AS currencies, array_agg(q.description) AS descriptions
    INTO mine
    FROM (
        SELECT f.*, c.transaction_id FROM claimed AS c
        JOIN first AS f ON f.principal = c.principal_id AND f.key = c.key ORDER BY f.n
    ) AS q;
    IF mine.ids IS NOT NULL THEN
        refusals := money.post_transfers(
            mine.principals, mine.ids, mine.payers, mine.payees, mine.amounts, mine.currencies, mine.descriptions
        );
        UPDATE money.idempotency_keys AS k SET outcome = jsonb_build_object('refused', r.refused)
        FROM unnest(mine.principals, mine.keys, refusals) AS r (principal, key, refused)
        WHERE r.refused IS NOT NULL AND k.principal_id = r.principal AND k.key = r.key;
    END IF;
    RETURN QUERY
        SELECT
            o.n::integer, k.transaction_id,
            CASE WHEN k.fingerprint <> o.fingerprint THEN 'IdempotencyKeyReused' ELSE k.outcome ->> 'refused' END,
            o.n = ANY (mine.ns) IS NOT true, e.amount - o.amount, e.balance_after, e.booked_at
        FROM unnest(p_principals, p_keys, p_fingerprints, p_from, p_amounts)
            WITH ORDINALITY AS o (principal, key, fingerprint, payer, amount, n)
        JOIN money.idempotency_keys AS k ON k.principal_id = o.principal AND k.key = o.key
        LEFT JOIN money.entries AS e ON e.transaction_id = k.transaction_id AND e.account_id = o.payer
        ORDER BY o.n;
END
$$;

-- The usual case in few statements: accounts that are open and ordinary, enough money, no fee and no limit. Whatever else
-- there is goes the long way, by the function above; so does every refusal. People's accounts are credit-normal. The settings:
-- the plans, the triggers' too, are kept and may have been made when the tables were nearly empty; they must look things up
-- one by one all the same.
CREATE FUNCTION money.transfer(
    p_principal uuid, p_key text, p_fingerprint bytea,
    p_from uuid, p_to uuid, p_amount bigint, p_currency text, p_description text,
    OUT transaction_id uuid, OUT refused text, OUT replayed boolean, OUT fee bigint, OUT balance_after bigint,
    OUT posted_at timestamptz
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
#variable_conflict use_variable
DECLARE
    usual boolean;
    account uuid;
    moved_version bigint;
    moved_balance bigint;
    payer_version bigint;
    payee_version bigint;
    payee_balance bigint;
    waits boolean := false;
BEGIN
    INSERT INTO money.idempotency_keys AS k (principal_id, key, fingerprint, transaction_id)
    VALUES (p_principal, p_key, p_fingerprint, uuidv7()) ON CONFLICT DO NOTHING
    RETURNING
        k.transaction_id,
        -- Known before an account is locked: limits come before accounts.
        p_from <> p_to AND NOT EXISTS (SELECT FROM money.fee_rules WHERE ended_at IS NULL)
        AND NOT EXISTS (SELECT FROM money.limits)
    INTO transaction_id, usual;
    IF NOT FOUND THEN
        SELECT
            k.transaction_id,
            CASE WHEN k.fingerprint <> p_fingerprint THEN 'IdempotencyKeyReused' ELSE k.outcome ->> 'refused' END,
            true, e.amount - p_amount, e.balance_after, e.booked_at
        INTO STRICT transaction_id, refused, replayed, fee, balance_after, posted_at
        FROM money.idempotency_keys AS k
        LEFT JOIN money.entries AS e ON e.transaction_id = k.transaction_id AND e.account_id = p_from
        WHERE k.principal_id = p_principal AND k.key = p_key;
        RETURN;
    END IF;
    replayed := false;
    fee := 0;
    IF usual THEN
        FOREACH account IN ARRAY CASE WHEN p_from < p_to THEN ARRAY[p_from, p_to] ELSE ARRAY[p_to, p_from] END LOOP
            UPDATE money.accounts AS a SET
                debits = a.debits + CASE a.id WHEN p_from THEN p_amount ELSE 0 END,
                credits = a.credits + CASE a.id WHEN p_to THEN p_amount ELSE 0 END,
                version = a.version + 1
            WHERE a.id = account AND NOT a.hot AND a.currency = p_currency AND CASE a.id
                WHEN p_from THEN
                    a.owner_id = p_principal AND a.status = 'open' AND a.debits < 1::bigint << 62
                    AND a.credits - a.debits - a.held + a.overdraft >= p_amount
                ELSE
                    a.owner_id IS NOT NULL AND a.status <> 'closed' AND a.credits < 1::bigint << 62
                    AND a.credits - a.debits <= 9007199254740991 - p_amount
            END
            RETURNING a.version, a.credits - a.debits INTO moved_version, moved_balance;
            IF account = p_from THEN
                payer_version := moved_version;
                balance_after := moved_balance;
            ELSE
                payee_version := moved_version;
                payee_balance := moved_balance;
            END IF;
        END LOOP;
        IF payer_version IS NOT NULL AND payee_version IS NULL THEN
            -- A hot account is not locked, unless much comes or is there. Rows first, advisory locks after them, as everywhere.
            PERFORM pg_advisory_xact_lock_shared(money.lock_of(p_to)) FROM money.accounts AS a
            WHERE a.id = p_to AND a.hot AND p_amount <= 1::bigint << 40 AND a.credits - a.debits < 1::bigint << 52;
            IF FOUND THEN
                -- The lock first and the look afterwards: whoever had it before may have closed the account.
                waits := EXISTS (
                    SELECT FROM money.accounts AS a
                    WHERE a.id = p_to AND a.hot AND a.currency = p_currency AND a.owner_id IS NOT NULL
                        AND a.status <> 'closed' AND a.credits < 1::bigint << 62
                );
            END IF;
        END IF;
    END IF;
    IF payer_version IS NOT NULL AND payee_version IS NOT NULL THEN
        posted_at := clock_timestamp();
        WITH journal AS (
            INSERT INTO money.transactions (id, kind, description, created_by, sides, posted_at)
            VALUES (transaction_id, 'transfer', p_description, p_principal, 2, posted_at)
        ), told AS (
            INSERT INTO money.outbox VALUES (transaction_id)
        )
        INSERT INTO money.entries
            (transaction_id, account_id, account_version, currency, side, amount, balance_after, booked_at)
        VALUES
            (transaction_id, p_from, payer_version, p_currency, 'debit', p_amount, balance_after, posted_at),
            (transaction_id, p_to, payee_version, p_currency, 'credit', p_amount, payee_balance, posted_at);
        RETURN;
    ELSIF waits THEN
        posted_at := clock_timestamp();
        WITH journal AS (
            INSERT INTO money.transactions (id, kind, description, created_by, sides, posted_at)
            VALUES (transaction_id, 'transfer', p_description, p_principal, 2, posted_at)
        ), told AS (
            INSERT INTO money.outbox VALUES (transaction_id)
        ), pending AS (
            INSERT INTO money.deltas (transaction_id, account_id, currency, side, amount)
            VALUES (transaction_id, p_to, p_currency, 'credit', p_amount)
        )
        INSERT INTO money.entries
            (transaction_id, account_id, account_version, currency, side, amount, balance_after, booked_at)
        VALUES
            (transaction_id, p_from, payer_version, p_currency, 'debit', p_amount, balance_after, posted_at);
        RETURN;
    ELSIF payer_version IS NOT NULL OR payee_version IS NOT NULL THEN
        -- One of them could not: as if the other had never been asked.
        UPDATE money.accounts AS a SET
            debits = a.debits - CASE a.id WHEN p_from THEN p_amount ELSE 0 END,
            credits = a.credits - CASE a.id WHEN p_to THEN p_amount ELSE 0 END,
            version = a.version - 1
        WHERE a.id = CASE WHEN payer_version IS NULL THEN p_to ELSE p_from END;
        balance_after := NULL;
    END IF;
    refused := (money.post_transfers(
        ARRAY[p_principal], ARRAY[transaction_id], ARRAY[p_from], ARRAY[p_to], ARRAY[p_amount], ARRAY[p_currency],
        ARRAY[p_description]
    ))[1];
    IF refused IS NOT NULL THEN
        PERFORM money.refuse(p_principal, p_key, refused);
    ELSE
        SELECT e.amount - p_amount, e.balance_after, e.booked_at INTO STRICT fee, balance_after, posted_at
        FROM money.entries AS e WHERE e.transaction_id = transaction_id AND e.account_id = p_from;
    END IF;
END
$$;

-- Many transfers of one person under one key. Together: all of them or none.
CREATE FUNCTION money.transfer_batch(
    p_principal uuid, p_key text, p_fingerprint bytea,
    p_from uuid [], p_to uuid [], p_amounts bigint [], p_currencies text [], p_descriptions text [], p_together boolean
) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    outcome jsonb := money.claim(p_principal, p_key, p_fingerprint);
    ids CONSTANT uuid [] := ARRAY(SELECT uuidv7() FROM generate_subscripts(p_from, 1));
    refusals text [];
BEGIN
    IF outcome IS NOT NULL THEN
        RETURN outcome;
    END IF;
    refusals := money.post_transfers(
        array_fill(p_principal, ARRAY[cardinality(ids)]), ids, p_from, p_to, p_amounts, p_currencies, p_descriptions,
        p_together
    );
    RETURN money.remember(p_principal, p_key, jsonb_build_object(
        'together', p_together,
        'items', (
            SELECT jsonb_agg(
                CASE
                    WHEN r.refused IS NOT NULL THEN jsonb_build_object('refused', r.refused)
                    WHEN p_together AND num_nonnulls(VARIADIC refusals) > 0 THEN '{}'
                    ELSE jsonb_build_object('transaction_id', r.id)
                END ORDER BY r.n
            )
            FROM unnest(ids, refusals) WITH ORDINALITY AS r (id, refused, n)
        )
    ));
END
$$;

-- What would become of a transfer: nothing is written, and no key is used.
CREATE FUNCTION money.try_transfer(
    p_principal uuid, p_from uuid, p_to uuid, p_amount bigint, p_currency text, OUT refused text, OUT fee bigint
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    refused := (money.post_transfers(
        ARRAY[p_principal], ARRAY[uuidv7()], ARRAY[p_from], ARRAY[p_to], ARRAY[p_amount], ARRAY[p_currency], ARRAY[''],
        p_dry => true
    ))[1];
    fee := money.fee('transfer', p_currency, p_amount);
END
$$;
