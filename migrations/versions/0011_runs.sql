-- Standing orders: what is done when they have come up. First the date gets a line, then each line is tried in a transaction of
-- its own, so that whoever is killed in between leaves it to the next one.

-- Lines for the dates of these orders that have come. After a time without anybody to see to it: for the last three of them.
-- Returns for how many orders.
CREATE FUNCTION money.plan_runs(p_most integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    catching_up CONSTANT integer := 3;
    moment CONSTANT timestamptz := clock_timestamp();
    one money.recurring_transfers;
    latest integer;
    earliest integer;
    following date;
    planned integer := 0;
BEGIN
    FOR one IN
        SELECT * FROM money.recurring_transfers
        WHERE status = 'active' AND next_on <= money.day_of(0::smallint, moment) AND next_on <= money.day_of(hour, moment)
        ORDER BY next_on, id LIMIT p_most FOR UPDATE SKIP LOCKED
    LOOP
        latest := money.occurrences_until(
            one.every, one.anchor_on, least(money.day_of(one.hour, moment), one.last_on)
        );
        earliest := greatest(
            money.occurrences_until(one.every, one.anchor_on, one.next_on), latest - catching_up + 1
        );
        INSERT INTO money.recurring_runs (recurring_transfer_id, scheduled_on, try_at)
        SELECT one.id, money.occurrence(one.every, one.anchor_on, n), moment FROM generate_series(earliest, latest) AS n
        ON CONFLICT DO NOTHING;
        following := money.occurrence(one.every, one.anchor_on, latest + 1);
        UPDATE money.recurring_transfers SET
            next_on = CASE WHEN following > one.last_on THEN NULL ELSE following END,
            status = CASE WHEN following > one.last_on THEN 'finished' ELSE status END
        WHERE id = one.id;
        planned := planned + 1;
    END LOOP;
    RETURN planned;
END
$$;

CREATE FUNCTION money.due_runs(p_most integer) RETURNS TABLE (recurring_transfer_id uuid, scheduled_on date)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT recurring_transfer_id, scheduled_on FROM money.recurring_runs
    WHERE try_at <= clock_timestamp() ORDER BY try_at, recurring_transfer_id, scheduled_on LIMIT p_most;
$$;

-- Tries one of them, if it is still to be tried and nobody else is at it. Says whether it was tried.
CREATE FUNCTION money.run_recurring(p_order uuid, p_scheduled date) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    standing money.recurring_transfers;
    sent record;
    made uuid;
    refused text;
BEGIN
    IF NOT pg_try_advisory_xact_lock(money.lock_order(p_order)) OR NOT EXISTS (
        SELECT FROM money.recurring_runs
        WHERE recurring_transfer_id = p_order AND scheduled_on = p_scheduled AND try_at <= clock_timestamp()
    ) THEN
        RETURN false;
    END IF;
    SELECT * INTO STRICT standing FROM money.recurring_transfers WHERE id = p_order;
    IF standing.to_account_id IS NOT NULL THEN
        made := uuidv7();
        refused := (money.post_transfers(
            ARRAY[standing.owner_id], ARRAY[made], ARRAY[standing.from_account_id], ARRAY[standing.to_account_id],
            ARRAY[standing.amount], ARRAY[standing.currency], ARRAY[standing.description]
        ))[1];
    ELSIF standing.person_id IS NOT NULL AND NOT identity.is_here(standing.person_id) THEN
        refused := 'RecipientNotFound';
    ELSE
        sent := money.send_to(
            standing.owner_id, standing.from_account_id, standing.recipient, standing.person_id, standing.email_hash,
            standing.amount, standing.currency, standing.description
        );
        made := sent.transfer_id;
        refused := sent.refused;
    END IF;
    IF refused IS NULL THEN
        PERFORM money.run_paid(standing, p_scheduled, made);
    ELSE
        PERFORM money.run_refused(standing, p_scheduled, refused);
    END IF;
    RETURN true;
END
$$;

-- The key is of order and date, and cannot be written twice: a second payment for the same date takes itself back. It begins
-- with a sign that no request's key can have.
CREATE FUNCTION money.run_paid(p_order money.recurring_transfers, p_scheduled date, p_transfer uuid) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    key CONSTANT text := format('↻ %s %s', p_order.id, p_scheduled);
BEGIN
    INSERT INTO money.idempotency_keys (principal_id, key, fingerprint, transaction_id)
    VALUES (p_order.owner_id, key, sha256(convert_to(key, 'UTF8')), p_transfer);
    UPDATE money.recurring_runs SET
        status = 'paid', attempts = attempts + 1, refused = NULL, transfer_id = p_transfer, try_at = NULL,
        updated_at = clock_timestamp()
    WHERE recurring_transfer_id = p_order.id AND scheduled_on = p_scheduled;
    UPDATE money.recurring_transfers SET skipped_in_a_row = 0 WHERE id = p_order.id AND skipped_in_a_row > 0;
END
$$;

-- Tried again on each of the three days after; then skipped. After five skipped in a row the order is paused.
CREATE FUNCTION money.run_refused(p_order money.recurring_transfers, p_scheduled date, p_refused text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    days CONSTANT integer := 3;
    patience CONSTANT integer := 5;
    run money.recurring_runs;
    skipped integer;
    about jsonb;
BEGIN
    UPDATE money.recurring_runs SET
        status = CASE WHEN attempts < days THEN 'failed' ELSE 'skipped' END, attempts = attempts + 1, refused = p_refused,
        try_at = CASE WHEN attempts < days THEN clock_timestamp() + interval '1 day' END, updated_at = clock_timestamp()
    WHERE recurring_transfer_id = p_order.id AND scheduled_on = p_scheduled RETURNING * INTO run;
    about := jsonb_build_object(
        'recurring_transfer_id', p_order.id, 'scheduled_on', p_scheduled, 'refused', p_refused, 'attempt', run.attempts
    );
    PERFORM money.tell(
        p_order.owner_id, 'recurring_transfer.failed', about || jsonb_build_object('next_attempt_at', run.try_at)
    );
    IF run.status = 'skipped' THEN
        UPDATE money.recurring_transfers SET
            skipped_in_a_row = skipped_in_a_row + 1,
            status = CASE WHEN status = 'active' AND skipped_in_a_row + 1 >= patience THEN 'paused' ELSE status END
        WHERE id = p_order.id RETURNING skipped_in_a_row INTO skipped;
        PERFORM money.tell(p_order.owner_id, 'recurring_transfer.skipped', about);
        IF skipped = patience AND p_order.status = 'active' THEN
            PERFORM money.drop_runs(p_order.id);
            PERFORM money.tell(
                p_order.owner_id, 'recurring_transfer.paused', jsonb_build_object('recurring_transfer_id', p_order.id)
            );
        END IF;
    END IF;
END
$$;
