-- Two people: who proposes one does not post it. A constraint holds that too.
CREATE FUNCTION money.propose_adjustment(
    p_principal uuid, p_key text, p_fingerprint bytea, p_account uuid, p_amount bigint, p_currency text, p_reason text
) RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    outcome jsonb := money.claim(p_principal, p_key, p_fingerprint);
    account money.accounts;
    proposed uuid;
BEGIN
    IF outcome IS NOT NULL THEN
        RETURN outcome;
    END IF;
    SELECT * INTO account FROM money.accounts WHERE id = p_account;
    IF account.id IS NULL THEN
        RETURN money.refuse(p_principal, p_key, 'AccountNotFound');
    ELSIF account.currency <> p_currency THEN
        RETURN money.refuse(p_principal, p_key, 'CurrencyMismatch');
    END IF;
    INSERT INTO money.adjustments (account_id, amount, currency, reason, proposed_by)
    VALUES (p_account, p_amount, p_currency, p_reason, p_principal) RETURNING id INTO proposed;
    PERFORM money.note(p_principal, 'adjustment.proposed', proposed, p_reason);
    RETURN money.remember(p_principal, p_key, jsonb_build_object('adjustment_id', proposed));
END
$$;

CREATE FUNCTION money.decide_adjustment(
    p_principal uuid, p_key text, p_fingerprint bytea, p_adjustment uuid, p_approve boolean
) RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    outcome jsonb := money.claim(p_principal, p_key, p_fingerprint);
    proposal money.adjustments;
    against uuid;
    posted uuid;
    refused text;
BEGIN
    IF outcome IS NOT NULL THEN
        RETURN outcome;
    END IF;
    SELECT * INTO proposal FROM money.adjustments WHERE id = p_adjustment;
    PERFORM FROM money.accounts WHERE id = proposal.account_id FOR NO KEY UPDATE;
    SELECT * INTO proposal FROM money.adjustments WHERE id = p_adjustment FOR UPDATE;
    refused := CASE
        WHEN proposal.id IS NULL THEN 'AdjustmentNotFound'
        WHEN proposal.decided_by IS NOT NULL THEN 'AdjustmentDecided'
        WHEN proposal.proposed_by = p_principal THEN 'SecondPersonNeeded'
    END;
    IF refused IS NULL AND p_approve THEN
        against := money.system_account('adjustments', proposal.currency);
        posted := uuidv7();
        refused := (money.post(
            ARRAY[p_principal], ARRAY[posted], ARRAY['adjustment']::money.transaction_kind [], ARRAY[proposal.reason],
            ARRAY[NULL::uuid], ARRAY[1, 1],
            CASE WHEN proposal.amount > 0 THEN ARRAY[against, proposal.account_id] ELSE ARRAY[proposal.account_id, against] END,
            ARRAY['debit', 'credit']::money.side [], ARRAY[abs(proposal.amount), abs(proposal.amount)],
            ARRAY[proposal.currency, proposal.currency], ARRAY[NULL::uuid, NULL], ARRAY[0::bigint, 0]
        ))[1];
    END IF;
    IF refused IS NOT NULL THEN
        RETURN money.refuse(p_principal, p_key, refused);
    END IF;
    UPDATE money.adjustments
    SET decided_by = p_principal, decided_at = clock_timestamp(), transaction_id = posted
    WHERE id = p_adjustment;
    PERFORM money.note(
        p_principal, CASE WHEN p_approve THEN 'adjustment.posted' ELSE 'adjustment.rejected' END, p_adjustment,
        proposal.reason
    );
    RETURN money.remember(p_principal, p_key, jsonb_build_object('adjustment_id', p_adjustment));
END
$$;
