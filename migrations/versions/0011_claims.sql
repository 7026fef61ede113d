-- What waits in unclaimed:<currency>, and how its waiting ends. Whoever ends it takes the lock of its transfer first, before
-- any account: an advisory one, so that nothing else has to know of it.

CREATE FUNCTION money.lock_of_claim(p_transfer uuid) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN uuid_hash_extended(p_transfer, 1113);

-- To this account of theirs, unless somebody else is at it. Says whether it is done.
CREATE FUNCTION money.deliver_to(p_transfer uuid, p_person uuid, p_account uuid) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    claim money.claims;
    made CONSTANT uuid := uuidv7();
BEGIN
    IF NOT pg_try_advisory_xact_lock(money.lock_of_claim(p_transfer)) THEN
        RETURN false;
    END IF;
    SELECT * INTO claim FROM money.claims WHERE transfer_id = p_transfer AND status = 'waiting';
    IF NOT FOUND OR p_account IS NULL THEN
        RETURN false;
    END IF;
    IF (money.post(
        ARRAY[claim.sender_id], ARRAY[made], ARRAY['claim']::money.transaction_kind [],
        ARRAY[(SELECT description FROM money.transactions AS t WHERE t.id = p_transfer)], ARRAY[p_transfer], ARRAY[1, 1],
        ARRAY[money.system_account('unclaimed', claim.currency), p_account], ARRAY['debit', 'credit']::money.side [],
        ARRAY[claim.amount, claim.amount], ARRAY[claim.currency, claim.currency], ARRAY[NULL, p_person],
        ARRAY[0::bigint, 0]
    ))[1] IS NOT NULL THEN
        RETURN false;
    END IF;
    UPDATE money.claims SET status = 'claimed', transaction_id = made WHERE transfer_id = p_transfer;
    RETURN true;
END
$$;

-- Somebody can be reached under an address from now on, or again: that is all that auth's tables do for money.
CREATE FUNCTION money.note_arrival() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO money.arrivals (person_id, at)
    SELECT new.id, clock_timestamp() WHERE EXISTS (
        SELECT FROM money.claims WHERE status = 'waiting' AND email_hash = identity.address_hash(new.email_key)
        UNION ALL
        SELECT FROM money.claims WHERE status = 'waiting' AND person_id = new.id
    ) ON CONFLICT (person_id) DO UPDATE SET at = excluded.at;
    RETURN NULL;
END
$$;
CREATE TRIGGER arrived AFTER INSERT OR UPDATE OF email_key, email_verified_at, disabled_at, deleted_at ON auth.users
FOR EACH ROW WHEN (new.email_verified_at IS NOT NULL AND new.disabled_at IS NULL AND new.deleted_at IS NULL)
EXECUTE FUNCTION money.note_arrival();

-- What waits for somebody who is here and has an account for it. In no order: what an account cannot take must not keep
-- others waiting.
CREATE FUNCTION money.deliverable(p_person uuid) RETURNS SETOF uuid
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT c.transfer_id FROM money.claims AS c
    WHERE c.status = 'waiting' AND (c.email_hash = identity.address_of(p_person) OR c.person_id = p_person)
        AND money.receiving_account(p_person, c.currency) IS NOT NULL;
$$;

CREATE FUNCTION money.arrived(p_most integer) RETURNS SETOF uuid
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT transfer FROM money.arrivals AS a CROSS JOIN LATERAL money.deliverable(a.person_id) AS transfer
    WHERE identity.is_here(a.person_id) ORDER BY random() LIMIT p_most;
$$;

-- Those who had come by then were seen to. Whoever has no account yet is given what waits when they open one.
CREATE FUNCTION money.forget_arrivals(p_until timestamptz) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    DELETE FROM money.arrivals WHERE at <= p_until;
$$;

-- All of it, once in a while: who came at the very moment when something was sent, or whose account was frozen or full.
CREATE FUNCTION money.left_behind(p_most integer) RETURNS SETOF uuid
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT w.transfer_id
    FROM (
        SELECT c.transfer_id, c.currency, u.id AS person
        FROM money.claims AS c
        JOIN auth.users AS u ON identity.address_hash(u.email_key) = c.email_hash AND u.email_verified_at IS NOT NULL
        WHERE c.status = 'waiting' AND u.deleted_at IS NULL AND u.disabled_at IS NULL
        UNION ALL
        SELECT c.transfer_id, c.currency, u.id
        FROM money.claims AS c JOIN auth.users AS u ON u.id = c.person_id
        WHERE c.status = 'waiting' AND u.deleted_at IS NULL AND u.disabled_at IS NULL
    ) AS w
    WHERE money.receiving_account(w.person, w.currency) IS NOT NULL
    ORDER BY random() LIMIT p_most;
$$;

CREATE FUNCTION money.may_look_through() RETURNS boolean
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT money.hit('look through', '00000000-0000-0000-0000-000000000000');
$$;

CREATE FUNCTION money.deliver(p_transfer uuid) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    claim money.claims;
    person uuid;
BEGIN
    SELECT * INTO claim FROM money.claims WHERE transfer_id = p_transfer;
    person := CASE
        WHEN claim.person_id IS NULL THEN identity.holder_of_address(claim.email_hash)
        WHEN identity.is_here(claim.person_id) THEN claim.person_id
    END;
    RETURN money.deliver_to(p_transfer, person, money.receiving_account(person, claim.currency));
END
$$;

CREATE FUNCTION money.overdue_claims(p_most integer) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT transfer_id FROM money.claims WHERE status = 'waiting' AND expires_at <= clock_timestamp()
    ORDER BY expires_at LIMIT p_most;
$$;

-- Its time is over: it goes back with its fee, to the account it came from, or to another of the sender's if that is closed.
-- Where there is none it stays, and is looked at again a day later. Says whether it went.
CREATE FUNCTION money.give_back(p_transfer uuid) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    claim money.claims;
    payee uuid;
    fee bigint;
    legs integer;
    made CONSTANT uuid := uuidv7();
    refused text := 'RecipientNotFound';
BEGIN
    IF NOT pg_try_advisory_xact_lock(money.lock_of_claim(p_transfer)) THEN
        RETURN false;
    END IF;
    SELECT * INTO claim FROM money.claims
    WHERE transfer_id = p_transfer AND status = 'waiting' AND expires_at <= clock_timestamp();
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    SELECT a.id INTO payee FROM money.accounts AS a
    WHERE a.owner_id = claim.sender_id AND a.currency = claim.currency AND a.status <> 'closed'
    ORDER BY a.id <> claim.payer_account_id, a.status, a.id LIMIT 1;
    SELECT amount - claim.amount INTO STRICT fee FROM money.entries
    WHERE transaction_id = p_transfer AND account_id = claim.payer_account_id;
    legs := CASE WHEN fee > 0 THEN 3 ELSE 2 END;
    IF payee IS NOT NULL THEN
        refused := (money.post(
            ARRAY[claim.sender_id], ARRAY[made], ARRAY['return']::money.transaction_kind [], ARRAY[''], ARRAY[p_transfer],
            array_fill(1, ARRAY[legs]),
            (ARRAY[
                money.system_account('unclaimed', claim.currency), payee,
                CASE legs WHEN 3 THEN money.system_account('fees', claim.currency) END
            ])[1 : legs],
            (ARRAY['debit', 'credit', 'debit']::money.side [])[1 : legs],
            (ARRAY[claim.amount, claim.amount + fee, fee])[1 : legs], array_fill(claim.currency, ARRAY[legs]),
            (ARRAY[NULL, claim.sender_id, NULL])[1 : legs], array_fill(0::bigint, ARRAY[legs])
        ))[1];
    END IF;
    IF refused IS NOT NULL THEN
        UPDATE money.claims SET expires_at = clock_timestamp() + interval '1 day' WHERE transfer_id = p_transfer;
        RETURN false;
    END IF;
    UPDATE money.claims SET status = 'returned', transaction_id = made WHERE transfer_id = p_transfer;
    RETURN true;
END
$$;

-- As in 0008_accounts.sql; and what waits for this person in this currency is there at once.
CREATE OR REPLACE FUNCTION money.open_account(
    p_principal uuid, p_key text, p_fingerprint bytea, p_currency text, p_name text
) RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    outcome jsonb := money.claim(p_principal, p_key, p_fingerprint);
    opened uuid;
    into_account uuid;
BEGIN
    IF outcome IS NOT NULL THEN
        RETURN outcome;
    END IF;
    IF NOT EXISTS (SELECT FROM money.currencies WHERE code = p_currency) THEN
        RETURN money.refuse(p_principal, p_key, 'UnknownCurrency');
    END IF;
    INSERT INTO money.accounts (owner_id, name, currency, normal_side, overdraft)
    VALUES (p_principal, p_name, p_currency, 'credit', 0) RETURNING id INTO opened;
    into_account := money.receiving_account(p_principal, p_currency);
    -- Not more than a request may take its time for; the background brings the rest.
    INSERT INTO money.arrivals (person_id, at)
    SELECT p_principal, clock_timestamp() WHERE EXISTS (SELECT FROM money.deliverable(p_principal) OFFSET 50)
    ON CONFLICT (person_id) DO UPDATE SET at = excluded.at;
    PERFORM money.deliver_to(w.transfer_id, p_principal, into_account)
    FROM (
        SELECT c.transfer_id FROM money.deliverable(p_principal) AS w (id)
        JOIN money.claims AS c ON c.transfer_id = w.id AND c.currency = p_currency ORDER BY c.transfer_id LIMIT 50
    ) AS w;
    RETURN money.remember(p_principal, p_key, jsonb_build_object('account_id', opened));
END
$$;
