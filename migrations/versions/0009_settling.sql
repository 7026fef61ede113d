-- What became of a payment, by whatever way we learn it: a webhook, the answer to a call, a question. However often it is told
-- and in whatever order, money moves once. Returns what somebody should be alarmed about, or null.

-- Where the provider's side of a payment is booked: against what it owes us, or, when reconciliation has found it on the
-- provider's list before us and put it into suspense, against that. p_gain: whether the provider owes us more by it.
CREATE FUNCTION money.provider_side(p_payment money.payments, p_gain boolean, OUT account uuid, OUT parked uuid)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    SELECT t.transaction_id INTO parked FROM money.provider_transactions AS t
    WHERE t.provider = p_payment.provider AND t.reference = p_payment.provider_reference AND t.state = 'suspense'
        AND t.currency = p_payment.currency AND (t.amount > 0) = p_gain
    ORDER BY t.at, t.id LIMIT 1;
    account := money.system_account(
        CASE WHEN parked IS NULL THEN 'clearing:' || p_payment.provider ELSE 'suspense' END, p_payment.currency
    );
END
$$;

-- Deposits: the payment is locked before the account, which posting locks.
CREATE FUNCTION money.settle_deposit(
    payment money.payments, p_status text, p_amount bigint, p_currency text, p_failure text
) RETURNS text LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    posted CONSTANT uuid := uuidv7();
    side record;
    refused text;
BEGIN
    IF payment.transaction_id IS NOT NULL THEN
        RETURN NULL;
    ELSIF p_status <> 'succeeded' THEN
        UPDATE money.payments AS p SET
            status = p_status, failure = p_failure, updated_at = clock_timestamp(),
            due_at = CASE p_status WHEN 'pending' THEN due_at END,
            client_secret = CASE p_status WHEN 'canceled' THEN NULL ELSE client_secret END
        WHERE p.id = payment.id AND (p.status, coalesce(p.failure, '')) <> (p_status, coalesce(p_failure, ''))
            AND p.status <> 'canceled' AND NOT (p_status = 'pending' AND p.status = 'failed');
        IF FOUND AND p_status <> 'pending' THEN
            PERFORM money.tell(payment.owner_id, 'deposit.failed', jsonb_build_object(
                'payment_id', payment.id, 'amount', payment.amount, 'currency', payment.currency, 'status', p_status,
                'failure', p_failure
            ));
        END IF;
        RETURN NULL;
    END IF;
    side := money.provider_side(payment, true);
    refused := CASE
        WHEN (p_amount, p_currency) <> (payment.amount, payment.currency) THEN 'AmountDiffers'
        ELSE (money.post(
            ARRAY[payment.owner_id], ARRAY[posted], ARRAY['deposit']::money.transaction_kind [], ARRAY[payment.provider],
            ARRAY[NULL::uuid], ARRAY[1, 1], ARRAY[side.account, payment.account_id],
            ARRAY['debit', 'credit']::money.side [], ARRAY[p_amount, p_amount], ARRAY[p_currency, p_currency],
            ARRAY[NULL::uuid, NULL], ARRAY[0::bigint, 0]
        ))[1]
    END;
    IF refused IS NOT NULL AND side.parked IS NULL THEN
        PERFORM money.suspend(payment.owner_id, posted, payment.provider, p_amount, p_currency, payment.provider || ': ' || refused);
    END IF;
    UPDATE money.payments AS p SET
        status = CASE WHEN refused IS NULL THEN 'succeeded' ELSE 'failed' END, failure = refused,
        transaction_id = CASE WHEN refused IS NULL OR side.parked IS NULL THEN posted ELSE side.parked END,
        due_at = NULL, client_secret = NULL, updated_at = clock_timestamp()
    WHERE p.id = payment.id;
    IF refused IS NOT NULL THEN
        PERFORM money.tell(payment.owner_id, 'deposit.failed', jsonb_build_object(
            'payment_id', payment.id, 'amount', payment.amount, 'currency', payment.currency, 'status', 'failed',
            'failure', refused
        ));
    END IF;
    RETURN refused;
END
$$;

-- Money that is here and nobody's yet. A negative amount: money that is gone, and nobody's either.
CREATE FUNCTION money.suspend(
    p_actor uuid, p_id uuid, p_provider text, p_amount bigint, p_currency text, p_description text
) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    clearing CONSTANT uuid := money.system_account('clearing:' || p_provider, p_currency);
    suspense CONSTANT uuid := money.system_account('suspense', p_currency);
    refused text;
BEGIN
    refused := (money.post(
        ARRAY[p_actor], ARRAY[p_id], ARRAY['suspense']::money.transaction_kind [], ARRAY[p_description], ARRAY[NULL::uuid],
        ARRAY[1, 1], CASE WHEN p_amount > 0 THEN ARRAY[clearing, suspense] ELSE ARRAY[suspense, clearing] END,
        ARRAY['debit', 'credit']::money.side [], ARRAY[abs(p_amount), abs(p_amount)], ARRAY[p_currency, p_currency],
        ARRAY[NULL::uuid, NULL], ARRAY[0::bigint, 0]
    ))[1];
    IF refused IS NOT NULL THEN
        RAISE EXCEPTION 'suspense takes no more: %', refused;
    END IF;
END
$$;

-- Withdrawals: the account is locked by the caller, then the payment. The money has left whether or not the account was
-- frozen since: so nobody's leave is asked.
CREATE FUNCTION money.capture_withdrawal(payment money.payments) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    posted CONSTANT uuid := uuidv7();
    fee CONSTANT boolean := payment.fee > 0;
    side CONSTANT record := money.provider_side(payment, false);
    refused text;
BEGIN
    refused := (money.post(
        ARRAY[payment.owner_id], ARRAY[posted], ARRAY['withdrawal']::money.transaction_kind [], ARRAY[payment.provider],
        ARRAY[NULL::uuid], array_fill(1, ARRAY[2 + fee::integer]),
        ARRAY[payment.account_id, side.account]
            || CASE WHEN fee THEN ARRAY[money.system_account('fees', payment.currency)] ELSE '{}' END,
        ARRAY['debit', 'credit']::money.side [] || CASE WHEN fee THEN ARRAY['credit']::money.side [] ELSE '{}' END,
        ARRAY[payment.amount + payment.fee, payment.amount] || CASE WHEN fee THEN ARRAY[payment.fee] ELSE '{}' END,
        array_fill(payment.currency, ARRAY[2 + fee::integer]), array_fill(NULL::uuid, ARRAY[2 + fee::integer]),
        ARRAY[payment.amount + payment.fee, 0] || CASE WHEN fee THEN ARRAY[0::bigint] ELSE '{}' END
    ))[1];
    IF refused IS NOT NULL THEN
        RAISE EXCEPTION 'the withdrawal % cannot be posted: %', payment.id, refused;
    END IF;
    UPDATE money.holds SET resolved = true WHERE holds.id = payment.hold_id;
    INSERT INTO money.hold_resolutions (hold_id, kind, amount, transaction_id)
    VALUES (payment.hold_id, 'captured', payment.amount + payment.fee, posted);
    UPDATE money.payments AS p SET
        status = 'succeeded', transaction_id = posted, failure = NULL, due_at = NULL,
        updated_at = clock_timestamp()
    WHERE p.id = payment.id;
END
$$;

CREATE FUNCTION money.void_withdrawal(payment money.payments, p_status text, p_failure text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    done CONSTANT record := money.resolve_hold(payment.owner_id, payment.hold_id, 'withdrawal', NULL, '');
BEGIN
    IF done.refused IS NOT NULL THEN
        RAISE EXCEPTION 'the hold of withdrawal % cannot be voided: %', payment.id, done.refused;
    END IF;
    IF (payment.created_at AT TIME ZONE 'UTC')::date = (clock_timestamp() AT TIME ZONE 'UTC')::date THEN
        PERFORM money.unspend(payment.owner_id, payment.currency, payment.amount);
    END IF;
    UPDATE money.payments AS p SET
        status = p_status, failure = p_failure, due_at = NULL, updated_at = clock_timestamp() WHERE p.id = payment.id;
END
$$;

-- It had arrived, and came back: days later, banks do that. With the fee, since nobody got anything.
CREATE FUNCTION money.return_withdrawal(payment money.payments, p_failure text) RETURNS text
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    posted CONSTANT uuid := uuidv7();
    fee CONSTANT boolean := payment.fee > 0;
    side CONSTANT record := money.provider_side(payment, true);
    suspense CONSTANT uuid := money.system_account('suspense', payment.currency);
    target uuid := payment.account_id;
    refused text;
    alarm text;
BEGIN
    LOOP
        refused := (money.post(
            ARRAY[payment.owner_id], ARRAY[posted],
            ARRAY[CASE target WHEN suspense THEN 'suspense' ELSE 'return' END]::money.transaction_kind [],
            ARRAY[payment.provider], ARRAY[payment.transaction_id], array_fill(1, ARRAY[2 + fee::integer]),
            ARRAY[target, side.account]
                || CASE WHEN fee THEN ARRAY[money.system_account('fees', payment.currency)] ELSE '{}' END,
            ARRAY['credit', 'debit']::money.side [] || CASE WHEN fee THEN ARRAY['debit']::money.side [] ELSE '{}' END,
            ARRAY[payment.amount + payment.fee, payment.amount] || CASE WHEN fee THEN ARRAY[payment.fee] ELSE '{}' END,
            array_fill(payment.currency, ARRAY[2 + fee::integer]), array_fill(NULL::uuid, ARRAY[2 + fee::integer]),
            array_fill(0::bigint, ARRAY[2 + fee::integer])
        ))[1];
        EXIT WHEN refused IS NULL OR target = suspense;
        alarm := refused;
        target := suspense;
    END LOOP;
    IF refused IS NOT NULL THEN
        RAISE EXCEPTION 'the returned withdrawal % cannot be posted: %', payment.id, refused;
    END IF;
    UPDATE money.payments AS p SET
        status = 'failed', failure = p_failure, return_id = posted, updated_at = clock_timestamp()
    WHERE p.id = payment.id;
    RETURN alarm;
END
$$;

CREATE FUNCTION money.settle_withdrawal(
    payment money.payments, p_status text, p_amount bigint, p_currency text, p_failure text
) RETURNS text LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    alarm text;
BEGIN
    IF p_status = 'succeeded' AND payment.status IN ('created', 'pending') THEN
        PERFORM money.capture_withdrawal(payment);
        RETURN CASE WHEN (p_amount, p_currency) <> (payment.amount, payment.currency) THEN 'AmountDiffers' END;
    ELSIF p_status IN ('failed', 'canceled') AND payment.status IN ('created', 'pending') THEN
        PERFORM money.void_withdrawal(payment, p_status, p_failure);
    ELSIF p_status IN ('failed', 'canceled') AND payment.status = 'succeeded' THEN
        alarm := money.return_withdrawal(payment, p_failure);
    ELSE
        RETURN NULL;
    END IF;
    PERFORM money.tell(payment.owner_id, 'withdrawal.failed', jsonb_build_object(
        'payment_id', payment.id, 'amount', payment.amount, 'currency', payment.currency, 'status', p_status,
        'failure', p_failure
    ));
    RETURN alarm;
END
$$;

CREATE FUNCTION money.settle_payment(
    p_payment uuid, p_reference text, p_status text, p_amount bigint, p_currency text, p_failure text
) RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    payment money.payments;
BEGIN
    SELECT * INTO payment FROM money.payments WHERE id = p_payment;
    IF payment.direction = 'withdrawal' THEN
        PERFORM FROM money.spent
        WHERE owner_id = payment.owner_id AND currency = payment.currency
            AND day = (clock_timestamp() AT TIME ZONE 'UTC')::date AND p_status <> 'succeeded' FOR UPDATE;
        PERFORM FROM money.accounts WHERE id = payment.account_id FOR NO KEY UPDATE;
    END IF;
    SELECT * INTO payment FROM money.payments WHERE id = p_payment FOR UPDATE;
    IF payment.provider_reference IS NULL AND p_reference IS NOT NULL THEN
        payment.provider_reference := p_reference;
        UPDATE money.payments SET
            provider_reference = p_reference, status = CASE status WHEN 'created' THEN 'pending' ELSE status END
        WHERE id = p_payment;
    END IF;
    RETURN CASE payment.direction
        WHEN 'deposit' THEN money.settle_deposit(payment, p_status, p_amount, p_currency, p_failure)
        ELSE money.settle_withdrawal(payment, p_status, p_amount, p_currency, p_failure)
    END;
END
$$;

-- The inbox ------------------------------------------------------------------------------------------------------------------

-- What an event does and that it is done, in one transaction. p_status null: it is about nothing of ours. An event about a
-- payment that we do not know stays where it is: the provider may be quicker than we are. Returns what to be alarmed about.
CREATE FUNCTION money.take_event(
    p_provider text, p_event text, p_direction text, p_payment uuid, p_reference text, p_status text, p_amount bigint,
    p_currency text, p_failure text, OUT known boolean, OUT alarm text
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    meant uuid;
BEGIN
    known := true;
    IF (SELECT processed_at IS NOT NULL FROM money.webhook_inbox WHERE provider = p_provider AND event_id = p_event) THEN
        RETURN;
    END IF;
    IF p_status IS NOT NULL THEN
        SELECT id INTO meant FROM money.payments
        WHERE provider = p_provider AND direction = p_direction
            AND (provider_reference = p_reference OR provider_reference IS NULL AND id = p_payment)
        ORDER BY provider_reference NULLS LAST LIMIT 1;
        known := FOUND;
        IF known THEN
            alarm := money.settle_payment(meant, p_reference, p_status, p_amount, p_currency, p_failure);
        END IF;
    END IF;
    UPDATE money.webhook_inbox SET
        processed_at = CASE WHEN known THEN clock_timestamp() END,
        problem = CASE WHEN known THEN alarm ELSE 'no such payment' END
    WHERE provider = p_provider AND event_id = p_event AND processed_at IS NULL;
END
$$;
