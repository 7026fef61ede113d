-- Sending to people. What the sender learns is the same whoever the recipient is, and whether or not there is one: the same
-- checks in the same order, one line in money.claims, one in money.letters, one answer. See docs/decisions/0043.

-- Where somebody's money in a currency goes to: the oldest of their open accounts.
CREATE FUNCTION money.receiving_account(p_person uuid, p_currency text) RETURNS uuid
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT id FROM money.accounts
    WHERE owner_id = p_person AND currency = p_currency AND status = 'open' ORDER BY id LIMIT 1;
$$;

-- Why nothing can go from this account, as money.post says it.
CREATE FUNCTION money.unusable(p_owner uuid, p_account uuid, p_currency text) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE
        WHEN count(*) = 0 THEN 'AccountNotFound'
        WHEN bool_or(status = 'closed') THEN 'AccountClosed'
        WHEN bool_or(currency <> p_currency) THEN 'CurrencyMismatch'
    END
    FROM money.accounts WHERE id = p_account AND owner_id = p_owner;
$$;

-- Posts a transfer to p_to, or to what waits if there is no such account or it cannot take the money. What only the
-- recipient's account could refuse is thus never told; that too much is waiting is told to everybody alike.
CREATE FUNCTION money.pay(
    p_payer uuid, p_from uuid, p_to uuid, p_amount bigint, p_currency text, p_description text, p_dry boolean,
    OUT transfer_id uuid, OUT refused text, OUT fee bigint, OUT reached boolean
) LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    most CONSTANT bigint := 9007199254740991;
    anybody CONSTANT uuid := '00000000-0000-0000-0000-000000000000';
    legs integer;
    unclaimed uuid;
    waiting money.accounts;
    target uuid;
BEGIN
    fee := money.fee('transfer', p_currency, p_amount);
    refused := coalesce(
        money.unusable(p_payer, p_from, p_currency), money.spend(p_payer, p_currency, p_amount, p_dry)
    );
    IF refused IS NOT NULL THEN
        RETURN;
    END IF;
    unclaimed := money.system_account('unclaimed', p_currency);
    SELECT * INTO STRICT waiting FROM money.accounts WHERE id = unclaimed;
    legs := CASE WHEN fee > 0 THEN 3 ELSE 2 END;
    transfer_id := uuidv7();
    FOREACH target IN ARRAY ARRAY[p_to, unclaimed] LOOP
        CONTINUE WHEN target IS NULL;
        IF money.balance(waiting) > most - p_amount THEN
            refused := 'BalanceTooLarge';
            EXIT;
        END IF;
        refused := (money.post(
            ARRAY[p_payer], ARRAY[transfer_id], ARRAY['transfer']::money.transaction_kind [], ARRAY[p_description],
            ARRAY[NULL::uuid], array_fill(1, ARRAY[legs]),
            (ARRAY[p_from, target, CASE legs WHEN 3 THEN money.system_account('fees', p_currency) END])[1 : legs],
            (ARRAY['debit', 'credit', 'credit']::money.side [])[1 : legs],
            (ARRAY[p_amount + fee, p_amount, fee])[1 : legs], array_fill(p_currency, ARRAY[legs]),
            (ARRAY[p_payer, CASE target WHEN p_to THEN anybody END, NULL])[1 : legs],
            array_fill(0::bigint, ARRAY[legs]), p_dry => p_dry
        ))[1];
        reached := refused IS NULL AND target IS NOT DISTINCT FROM p_to;
        EXIT WHEN refused IS NULL OR refused NOT IN ('RecipientNotFound', 'BalanceTooLarge');
    END LOOP;
    IF refused IS NOT NULL AND NOT p_dry THEN
        PERFORM money.unspend(p_payer, p_currency, p_amount);
    END IF;
END
$$;

-- p_person: whom a handle stands for; else p_hash is an address. Writes down what was sent to whom, and has a letter written.
CREATE FUNCTION money.send_to(
    p_payer uuid, p_from uuid, p_recipient text, p_person uuid, p_hash bytea, p_amount bigint, p_currency text,
    p_description text, OUT transfer_id uuid, OUT refused text
) LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    term CONSTANT interval := interval '30 days';
    holder CONSTANT uuid := coalesce(p_person, identity.holder_of_address(p_hash));
    paid record;
BEGIN
    paid := money.pay(
        p_payer, p_from, money.receiving_account(holder, p_currency), p_amount, p_currency, p_description, false
    );
    refused := paid.refused;
    IF refused IS NOT NULL THEN
        RETURN;
    END IF;
    transfer_id := paid.transfer_id;
    INSERT INTO money.claims (
        transfer_id, sender_id, payer_account_id, recipient, email_hash, person_id, amount, currency, status, expires_at
    ) VALUES (
        paid.transfer_id, p_payer, p_from, p_recipient, CASE WHEN p_person IS NULL THEN p_hash END, p_person, p_amount,
        p_currency, CASE WHEN paid.reached THEN 'direct' ELSE 'waiting' END, clock_timestamp() + term
    );
    IF NOT paid.reached THEN
        PERFORM money.tell(holder, 'claim.waiting', jsonb_build_object(
            'transaction_id', paid.transfer_id, 'amount', p_amount, 'currency', p_currency
        ));
    END IF;
    IF p_person IS NULL OR NOT paid.reached THEN
        PERFORM money.have_written('transfer', paid.transfer_id, p_payer, coalesce(p_hash, uuid_send(p_person)));
    END IF;
END
$$;

CREATE FUNCTION money.have_written(p_kind text, p_subject uuid, p_sender uuid, p_to bytea) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO money.letters (kind, subject_id, muted)
    VALUES (p_kind, p_subject, NOT (money.hit('letter', p_sender) AND money.hit('letter to one', p_sender, p_to)));
$$;

-- Exactly one of p_handle and p_email_key. p_recipient: as it was written.
CREATE FUNCTION money.send(
    p_principal uuid, p_key text, p_fingerprint bytea, p_from uuid, p_recipient text, p_handle text, p_email_key text,
    p_amount bigint, p_currency text, p_description text
) RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    outcome jsonb;
    person uuid;
    sent record;
BEGIN
    IF p_handle IS NOT NULL AND money.used_up('handle', p_principal) AND money.is_new(p_principal, p_key) THEN
        RETURN '{"refused": "TooManyRequests"}';
    END IF;
    outcome := money.claim(p_principal, p_key, p_fingerprint);
    IF outcome IS NOT NULL THEN
        RETURN outcome;
    END IF;
    IF p_handle IS NOT NULL THEN
        person := identity.holder_of_handle(p_handle);
        IF person IS NULL THEN
            PERFORM money.hit('handle', p_principal);
            RETURN money.refuse(p_principal, p_key, 'RecipientNotFound');
        END IF;
    END IF;
    sent := money.send_to(
        p_principal, p_from, p_recipient, person, identity.address_hash(p_email_key), p_amount, p_currency, p_description
    );
    IF sent.refused IS NOT NULL THEN
        RETURN money.refuse(p_principal, p_key, sent.refused);
    END IF;
    RETURN money.remember(p_principal, p_key, jsonb_build_object('transaction_id', sent.transfer_id));
END
$$;

-- What would become of it: nothing moves, and no key is used.
CREATE FUNCTION money.try_send(
    p_principal uuid, p_from uuid, p_handle text, p_email_key text, p_amount bigint, p_currency text,
    OUT refused text, OUT fee bigint
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    person uuid;
    tried record;
BEGIN
    IF p_handle IS NULL THEN
        person := identity.holder_of_address(identity.address_hash(p_email_key));
    ELSIF money.used_up('handle', p_principal) THEN
        refused := 'TooManyRequests';
        RETURN;
    ELSE
        person := identity.holder_of_handle(p_handle);
        IF person IS NULL THEN
            PERFORM money.hit('handle', p_principal);
            refused := 'RecipientNotFound';
            RETURN;
        END IF;
    END IF;
    tried := money.pay(
        p_principal, p_from, money.receiving_account(person, p_currency), p_amount, p_currency, '', true
    );
    refused := tried.refused;
    fee := tried.fee;
END
$$;
