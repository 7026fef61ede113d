-- Takes one letter that is to be written, with what must be known for it; null: none is left. Without an address there is
-- nobody to write to. Whoever takes it hands it to identity.queue_letter in the same transaction.
-- situation: arrived (it is in an account), waits (for an account in its currency), unknown (nobody has the address).
CREATE FUNCTION money.take_letter(
    OUT id uuid, OUT kind text, OUT subject_id uuid, OUT address text, OUT name text, OUT locale text, OUT situation text,
    OUT sender_name text, OUT sender_handle text, OUT amount bigint, OUT currency text, OUT exponent smallint,
    OUT expires_at timestamptz
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    letter money.letters;
    about record;
    known auth.users;
BEGIN
    DELETE FROM money.letters WHERE id = (
        SELECT l.id FROM money.letters AS l ORDER BY l.id LIMIT 1 FOR UPDATE SKIP LOCKED
    ) RETURNING * INTO letter;
    id := letter.id;
    kind := letter.kind;
    subject_id := letter.subject_id;
    IF letter.id IS NULL OR letter.muted THEN
        RETURN;
    END IF;
    SELECT q.*, c.exponent, p.display_name, p.handle INTO about
    FROM (
        SELECT
            sender_id, recipient, email_hash, person_id, amount, currency, expires_at,
            status IN ('direct', 'claimed') AS arrived, status IN ('returned', 'reversed') AS over
        FROM money.claims WHERE transfer_id = letter.subject_id
        UNION ALL
        SELECT requester_id, recipient, email_hash, person_id, amount, currency, expires_at, true, status <> 'open'
        FROM money.payment_requests WHERE payment_requests.id = letter.subject_id
    ) AS q
    JOIN money.currencies AS c ON c.code = q.currency
    LEFT JOIN identity.people AS p ON p.id = q.sender_id;
    IF about.over IS NOT false THEN
        RETURN;
    END IF;
    SELECT * INTO known FROM auth.users AS u
    WHERE u.id = coalesce(about.person_id, identity.holder_of_address(about.email_hash)) AND u.deleted_at IS NULL;
    address := coalesce(known.email, CASE WHEN about.person_id IS NULL THEN nullif(about.recipient, '') END);
    name := known.display_name;
    -- Of somebody unknown nothing is known: the sender's language is the best guess.
    locale := coalesce(known.locale, (SELECT u.locale FROM auth.users AS u WHERE u.id = about.sender_id));
    situation := CASE WHEN known.id IS NULL THEN 'unknown' WHEN about.arrived THEN 'arrived' ELSE 'waits' END;
    sender_name := about.display_name;
    sender_handle := about.handle;
    amount := about.amount;
    currency := about.currency;
    exponent := about.exponent;
    expires_at := about.expires_at;
END
$$;
