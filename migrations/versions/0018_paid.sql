-- Null is free. The account is the author's, and is looked at when the price is set.
ALTER TABLE posts.posts
    ADD COLUMN price_amount bigint,
    ADD COLUMN price_currency text,
    ADD COLUMN price_account_id uuid,
    ADD COLUMN hidden_at timestamptz,
    ADD CONSTRAINT ck_posts_price CHECK (
        num_nulls(price_amount, price_currency, price_account_id) IN (0, 3) AND price_amount > 0
    );

-- An offer of a post to a reader, and what became of it. `attempt` is in the key under which the reader pays; several offers
-- of one attempt are of several prices, and money takes one of them at most. No foreign key: what was paid stays when the post
-- is erased with its author.
CREATE TABLE posts.purchases (
    id uuid DEFAULT uuidv7() CONSTRAINT pk_purchases PRIMARY KEY,
    post_id uuid NOT NULL,
    reader_id uuid NOT NULL,
    attempt integer NOT NULL,
    amount bigint NOT NULL CONSTRAINT ck_purchases_amount CHECK (amount > 0),
    currency text NOT NULL,
    payee_account_id uuid NOT NULL,
    status text NOT NULL DEFAULT 'open'
        CONSTRAINT ck_purchases_status CHECK (status IN ('open', 'lapsed', 'paid', 'returned')),
    transaction_id uuid CONSTRAINT uq_purchases_transaction_id UNIQUE,
    created_at timestamptz NOT NULL DEFAULT now(),
    paid_at timestamptz,
    CONSTRAINT uq_purchases_offer UNIQUE (post_id, reader_id, attempt, amount, currency, payee_account_id),
    CONSTRAINT ck_purchases_paid CHECK (
        (status IN ('paid', 'returned')) = (transaction_id IS NOT NULL) AND (transaction_id IS NULL) = (paid_at IS NULL)
    )
);
CREATE UNIQUE INDEX uq_purchases_paid ON posts.purchases (post_id, reader_id) WHERE status = 'paid';
CREATE INDEX ix_purchases_reader_id_paid_at_id ON posts.purchases (reader_id, paid_at, id) WHERE paid_at IS NOT NULL;

-- What money tells others of transfers, and nothing else of it ---------------------------------------------------------------

-- The currency of an account that can be paid into, if it is this person's.
CREATE FUNCTION identity.receiving_currency(owner uuid, account uuid) RETURNS text
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT a.currency FROM money.accounts AS a WHERE a.id = account AND a.owner_id = owner AND a.status <> 'closed';
END;

-- What a person's Idempotency-Key led to. No row: it was not used yet. Nulls: it was used for what is no transfer between
-- accounts of people, or for one that was refused; it cannot lead to one any more.
CREATE FUNCTION identity.transfer_by_key(payer uuid, used_key text)
    RETURNS TABLE (transfer_id uuid, payee_account_id uuid, amount bigint, currency text, posted_at timestamptz)
    LANGUAGE sql STABLE SECURITY DEFINER ROWS 1 SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT t.id, r.payee_account, r.amount, r.currency, t.posted_at
    FROM money.idempotency_keys AS k
    LEFT JOIN money.transactions AS t ON t.id = k.transaction_id AND t.kind = 'transfer'
    LEFT JOIN LATERAL money.returnable(t.id) AS r ON t.id IS NOT NULL
    WHERE k.principal_id = payer AND k.key = used_key;
END;

-- How much of a transfer has gone back, by refund or reversal.
CREATE VIEW identity.transfer_returns AS SELECT original_id AS transfer_id, returned FROM money.returns;

REVOKE ALL ON FUNCTION identity.receiving_currency, identity.transfer_by_key FROM PUBLIC;
GRANT EXECUTE ON FUNCTION identity.receiving_currency, identity.transfer_by_key TO artel_posts;
GRANT SELECT ON identity.transfer_returns TO artel_posts;
GRANT SELECT, INSERT, UPDATE ON posts.purchases TO artel_posts;
