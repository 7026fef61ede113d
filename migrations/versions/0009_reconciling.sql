-- Two records of the same money, ours and the provider's, compared line by line. A line is settled once, by the transaction of
-- ours that it is linked with, and looked at again only when the provider has changed it.

-- What a transaction did to what the provider owes us.
CREATE FUNCTION money.clearing_change(p_transaction uuid, p_clearing uuid) RETURNS bigint
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT money.change(s.side, 'debit', s.amount) FROM money.sides AS s
    WHERE s.transaction_id = p_transaction AND s.account_id = p_clearing;
$$;

-- The list as the provider gives it now. p_listed: how far back it goes; whatever we know of since then and is not on it is gone.
CREATE FUNCTION money.keep_provider_lines(
    p_provider text, p_listed timestamptz, p_until timestamptz, p_ids text [], p_types text [], p_amounts bigint [],
    p_fees bigint [], p_currencies text [], p_references text [], p_moments timestamptz []
) RETURNS void LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO money.provider_transactions AS t (provider, id, type, amount, fee, currency, reference, at)
    SELECT p_provider, l.* FROM unnest(p_ids, p_types, p_amounts, p_fees, p_currencies, p_references, p_moments)
        AS l (id, type, amount, fee, currency, reference, at)
    JOIN money.currencies AS c ON c.code = l.currency
    ON CONFLICT (provider, id) DO UPDATE SET
        type = excluded.type, amount = excluded.amount, currency = excluded.currency, reference = excluded.reference,
        at = excluded.at, state = CASE WHEN t.transaction_id IS NULL THEN 'open' ELSE 'differs' END
    WHERE t.state = 'gone' OR (t.type, t.amount, t.currency, t.reference, t.at)
        IS DISTINCT FROM (excluded.type, excluded.amount, excluded.currency, excluded.reference, excluded.at);
    UPDATE money.provider_transactions SET state = 'gone', transaction_id = NULL, payment_id = NULL
    WHERE provider = p_provider AND at >= p_listed AND at < p_until AND state <> 'gone' AND id <> ALL (p_ids);
$$;

-- Looks for what is ours of a line that is not settled.
CREATE FUNCTION money.match_line(line money.provider_transactions, p_clearing uuid, p_until timestamptz)
RETURNS money.provider_transactions LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    payment money.payments;
    candidate uuid;
    ours bigint;
BEGIN
    IF line.transaction_id IS NULL THEN
        SELECT * INTO payment FROM money.payments
        WHERE provider = line.provider AND provider_reference = line.reference FOR UPDATE;
        candidate := CASE
            WHEN (payment.direction = 'deposit') = (line.amount > 0) THEN payment.transaction_id
            WHEN payment.direction = 'withdrawal' THEN payment.return_id
        END;
        IF money.clearing_change(candidate, p_clearing) IS NOT NULL
            AND NOT EXISTS (SELECT FROM money.provider_transactions WHERE transaction_id = candidate)
        THEN
            line.transaction_id := candidate;
            line.payment_id := payment.id;
        END IF;
    END IF;
    ours := coalesce(money.clearing_change(line.transaction_id, p_clearing), 0);
    line.state := CASE
        WHEN line.amount = 0 AND line.transaction_id IS NULL THEN 'matched'
        WHEN line.transaction_id IS NOT NULL AND ours <> line.amount THEN 'differs'
        WHEN line.payment_id IS NOT NULL THEN 'matched'
        WHEN line.transaction_id IS NOT NULL THEN 'suspense'
        -- Whatever takes longer than this is no longer on its way.
        WHEN line.at > p_until - interval '7 days' AND (
            payment.status IN ('created', 'pending')
            OR payment.direction = 'withdrawal' AND payment.status = 'succeeded' AND line.amount > 0
        ) THEN 'transit'
        ELSE 'open'
    END;
    RETURN line;
END
$$;

-- What the provider keeps for itself lowers what it owes us, and what fees have brought.
CREATE FUNCTION money.post_provider_fee(p_actor uuid, line money.provider_transactions, p_clearing uuid) RETURNS uuid
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    posted CONSTANT uuid := uuidv7();
    fees CONSTANT uuid := money.system_account('fees', line.currency);
    refused text;
BEGIN
    IF line.fee = 0 THEN
        RETURN NULL;
    END IF;
    refused := (money.post(
        ARRAY[p_actor], ARRAY[posted], ARRAY['adjustment']::money.transaction_kind [], ARRAY[line.provider || ': fee'],
        ARRAY[NULL::uuid], ARRAY[1, 1], CASE WHEN line.fee > 0 THEN ARRAY[fees, p_clearing] ELSE ARRAY[p_clearing, fees] END,
        ARRAY['debit', 'credit']::money.side [], ARRAY[abs(line.fee), abs(line.fee)], ARRAY[line.currency, line.currency],
        ARRAY[NULL::uuid, NULL], ARRAY[0::bigint, 0]
    ))[1];
    IF refused IS NOT NULL THEN
        RAISE EXCEPTION 'a fee of % cannot be posted: %', line.provider, refused;
    END IF;
    RETURN posted;
END
$$;

CREATE FUNCTION money.reconcile_currency(
    p_actor uuid, p_provider text, p_currency text, p_since timestamptz, p_until timestamptz
) RETURNS uuid LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    clearing CONSTANT uuid := money.system_account('clearing:' || p_provider, p_currency);
    run CONSTANT uuid := uuidv7();
    oldest CONSTANT timestamptz := p_since - interval '40 days';
    found_lines money.reconciliation_lines [] := '{}';
    line money.provider_transactions;
    before text;
    ours bigint;
    our_total bigint := 0;
    their_total bigint := 0;
    fees bigint := 0;
    matched integer := 0;
    in_transit integer := 0;
BEGIN
    FOR line IN
        SELECT * FROM money.provider_transactions
        WHERE provider = p_provider AND currency = p_currency AND state <> 'gone'
            AND (at >= p_since OR state IN ('open', 'transit', 'differs'))
        ORDER BY at, id
    LOOP
        before := line.state;
        IF before NOT IN ('matched', 'suspense') THEN
            line := money.match_line(line, clearing, p_until);
        END IF;
        ours := coalesce(money.clearing_change(line.transaction_id, clearing), 0);
        IF line.state = 'open' AND line.at < p_until THEN
            line.state := 'suspense';
            line.transaction_id := uuidv7();
            PERFORM money.suspend(
                p_actor, line.transaction_id, p_provider, line.amount, p_currency, p_provider || ': only on its list'
            );
        END IF;
        IF line.state IN ('matched', 'suspense', 'differs') AND line.fee_transaction_id IS NULL THEN
            line.fee_transaction_id := money.post_provider_fee(p_actor, line, clearing);
        END IF;
        UPDATE money.provider_transactions AS t SET
            state = line.state, payment_id = line.payment_id, transaction_id = line.transaction_id,
            fee_transaction_id = line.fee_transaction_id
        WHERE t.provider = line.provider AND t.id = line.id AND (
            t.state, t.payment_id, t.transaction_id, t.fee_transaction_id
        ) IS DISTINCT FROM (line.state, line.payment_id, line.transaction_id, line.fee_transaction_id);
        CONTINUE WHEN line.at >= p_until;
        IF line.state = 'transit' THEN
            in_transit := in_transit + 1;
            CONTINUE;
        END IF;
        our_total := our_total + ours;
        their_total := their_total + line.amount;
        fees := fees + line.fee;
        IF ours = line.amount THEN
            matched := matched + 1;
        ELSE
            found_lines := found_lines || ROW(
                run, cardinality(found_lines) + 1, CASE line.state WHEN 'suspense' THEN 'theirs_only' ELSE 'amount_differs' END,
                line.id, line.reference, line.payment_id, line.transaction_id, ours, line.amount, line.at
            )::money.reconciliation_lines;
        END IF;
    END LOOP;
    found_lines := found_lines || ARRAY(
        SELECT ROW(
            run, cardinality(found_lines) + row_number() OVER (ORDER BY t.posted_at, t.id), 'ours_only', NULL,
            p.provider_reference, p.id, t.id, money.change(e.side, 'debit', e.amount), 0, t.posted_at
        )::money.reconciliation_lines
        FROM (
            SELECT transaction_id, side, amount FROM money.entries
            WHERE account_id = clearing AND account_version > money.version_at(clearing, oldest)
            UNION ALL SELECT transaction_id, side, amount FROM money.deltas WHERE account_id = clearing
        ) AS e
        JOIN money.transactions AS t ON t.id = e.transaction_id
        LEFT JOIN money.payments AS p ON t.id IN (p.transaction_id, p.return_id)
        WHERE t.posted_at >= oldest AND t.posted_at < p_until
            AND NOT EXISTS (SELECT FROM money.provider_transactions AS l WHERE l.transaction_id = t.id)
            AND NOT EXISTS (SELECT FROM money.provider_transactions AS l WHERE l.fee_transaction_id = t.id)
    );
    our_total := our_total + (SELECT coalesce(sum(l.ours), 0) FROM unnest(found_lines) AS l WHERE l.reason = 'ours_only');
    INSERT INTO money.reconciliations (
        id, provider, currency, period_start, period_end, our_total, their_total, difference, fees, matched, in_transit,
        unmatched, status, created_by
    ) VALUES (
        run, p_provider, p_currency, p_since, p_until, our_total, their_total, their_total - our_total, fees, matched,
        in_transit, cardinality(found_lines), CASE cardinality(found_lines) WHEN 0 THEN 'agrees' ELSE 'differs' END, p_actor
    );
    INSERT INTO money.reconciliation_lines SELECT * FROM unnest(found_lines);
    RETURN run;
END
$$;

-- One run for each currency that the provider or we have anything in. Returns them. Whoever comes second at the same moment waits,
-- and finds everything settled.
CREATE FUNCTION money.reconcile(
    p_actor uuid, p_provider text, p_listed timestamptz, p_since timestamptz, p_until timestamptz, p_ids text [],
    p_types text [], p_amounts bigint [], p_fees bigint [], p_currencies text [], p_references text [],
    p_moments timestamptz []
) RETURNS SETOF uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    one text;
    run uuid;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('money.reconcile:' || p_provider, 0));
    PERFORM money.keep_provider_lines(
        p_provider, p_listed, p_until, p_ids, p_types, p_amounts, p_fees, p_currencies, p_references, p_moments
    );
    FOR one IN
        SELECT currency FROM money.provider_transactions WHERE provider = p_provider
        UNION SELECT currency FROM money.accounts WHERE code = format('clearing:%s:%s', p_provider, currency)
        ORDER BY 1
    LOOP
        run := money.reconcile_currency(p_actor, p_provider, one, p_since, p_until);
        IF p_actor <> '00000000-0000-0000-0000-000000000000' THEN
            PERFORM money.note(p_actor, 'reconciliation.run', run, '');
        END IF;
        RETURN NEXT run;
    END LOOP;
END
$$;
