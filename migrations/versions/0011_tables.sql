-- Transfers to a person, by handle or by address: one line each, whoever that is and whether or not anybody knows them.
-- direct: the money went to one of their accounts at once. waiting: it is in unclaimed:<currency>. What ended the waiting is
-- transaction_id: a claim, a return or a reversal.
CREATE TABLE money.claims (
    transfer_id uuid CONSTRAINT pk_claims PRIMARY KEY
        CONSTRAINT fk_claims_transfer_id_transactions REFERENCES money.transactions,
    sender_id uuid NOT NULL,
    payer_account_id uuid NOT NULL CONSTRAINT fk_claims_payer_account_id_accounts REFERENCES money.accounts,
    -- As the sender has written it; empty when it was erased. Nothing is looked up by it.
    recipient text NOT NULL,
    email_hash bytea,
    person_id uuid,
    amount bigint NOT NULL CONSTRAINT ck_claims_amount CHECK (amount > 0),
    currency text NOT NULL CONSTRAINT fk_claims_currency_currencies REFERENCES money.currencies,
    status text NOT NULL,
    transaction_id uuid CONSTRAINT uq_claims_transaction_id UNIQUE
        CONSTRAINT fk_claims_transaction_id_transactions REFERENCES money.transactions,
    expires_at timestamptz NOT NULL,
    CONSTRAINT ck_claims_status CHECK (status IN ('direct', 'waiting', 'claimed', 'returned', 'reversed')),
    CONSTRAINT ck_claims_addressed CHECK (num_nonnulls(email_hash, person_id) = 1),
    CONSTRAINT ck_claims_ended CHECK ((status IN ('direct', 'waiting')) = (transaction_id IS NULL))
);
CREATE INDEX ix_claims_email_hash ON money.claims (email_hash) WHERE status = 'waiting';
CREATE INDEX ix_claims_person_id ON money.claims (person_id) WHERE status = 'waiting';
CREATE INDEX ix_claims_expires_at ON money.claims (expires_at) WHERE status = 'waiting';
CREATE INDEX ix_claims_sender_id ON money.claims (sender_id);
CREATE TRIGGER stays BEFORE DELETE OR TRUNCATE ON money.claims
FOR EACH STATEMENT EXECUTE FUNCTION money.refuse_change();

-- People for whom something waits, and who can take it by now or may soon: whoever delivers looks here first.
CREATE TABLE money.arrivals (
    person_id uuid CONSTRAINT pk_arrivals PRIMARY KEY,
    at timestamptz NOT NULL
);

-- Somebody asks for money: a person by handle (person_id), an address (email_hash), or whoever has the link (neither).
CREATE TABLE money.payment_requests (
    id uuid DEFAULT uuidv7() CONSTRAINT pk_payment_requests PRIMARY KEY,
    requester_id uuid NOT NULL,
    account_id uuid NOT NULL CONSTRAINT fk_payment_requests_account_id_accounts REFERENCES money.accounts,
    recipient text NOT NULL,
    email_hash bytea,
    person_id uuid,
    amount bigint NOT NULL CONSTRAINT ck_payment_requests_amount CHECK (amount > 0),
    currency text NOT NULL CONSTRAINT fk_payment_requests_currency_currencies REFERENCES money.currencies,
    note text NOT NULL,
    status text NOT NULL DEFAULT 'open',
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    decided_at timestamptz,
    payer_id uuid,
    transfer_id uuid CONSTRAINT uq_payment_requests_transfer_id UNIQUE
        CONSTRAINT fk_payment_requests_transfer_id_transactions REFERENCES money.transactions,
    CONSTRAINT ck_payment_requests_status CHECK (status IN ('open', 'accepted', 'declined', 'canceled', 'expired')),
    CONSTRAINT ck_payment_requests_addressed CHECK (num_nonnulls(email_hash, person_id) <= 1),
    CONSTRAINT ck_payment_requests_accepted CHECK (
        (status = 'accepted') = (transfer_id IS NOT NULL) AND (status = 'accepted') = (payer_id IS NOT NULL)
    ),
    CONSTRAINT ck_payment_requests_decided CHECK ((status = 'open') = (decided_at IS NULL))
);
CREATE INDEX ix_payment_requests_requester_id_id ON money.payment_requests (requester_id, id);
CREATE INDEX ix_payment_requests_email_hash_id ON money.payment_requests (email_hash, id) WHERE email_hash IS NOT NULL;
CREATE INDEX ix_payment_requests_person_id_id ON money.payment_requests (person_id, id) WHERE person_id IS NOT NULL;
CREATE INDEX ix_payment_requests_payer_id_id ON money.payment_requests (payer_id, id) WHERE payer_id IS NOT NULL;
CREATE INDEX ix_payment_requests_expires_at ON money.payment_requests (expires_at) WHERE status = 'open';

-- Standing orders. They come up on the dates that are whole days, weeks or months away from the anchor, at an hour in UTC.
-- next_on: the next date that has not come up yet. last_on: none comes up after it.
CREATE TABLE money.recurring_transfers (
    id uuid DEFAULT uuidv7() CONSTRAINT pk_recurring_transfers PRIMARY KEY,
    owner_id uuid NOT NULL,
    from_account_id uuid NOT NULL CONSTRAINT fk_recurring_transfers_from_account_id_accounts REFERENCES money.accounts,
    to_account_id uuid CONSTRAINT fk_recurring_transfers_to_account_id_accounts REFERENCES money.accounts,
    recipient text NOT NULL,
    email_hash bytea,
    person_id uuid,
    amount bigint NOT NULL CONSTRAINT ck_recurring_transfers_amount CHECK (amount > 0),
    currency text NOT NULL CONSTRAINT fk_recurring_transfers_currency_currencies REFERENCES money.currencies,
    description text NOT NULL,
    every text NOT NULL CONSTRAINT ck_recurring_transfers_every CHECK (every IN ('day', 'week', 'month')),
    anchor_on date NOT NULL,
    hour smallint NOT NULL CONSTRAINT ck_recurring_transfers_hour CHECK (hour BETWEEN 0 AND 23),
    start_on date NOT NULL,
    end_on date,
    times integer CONSTRAINT ck_recurring_transfers_times CHECK (times > 0),
    last_on date,
    next_on date,
    status text NOT NULL DEFAULT 'active',
    skipped_in_a_row smallint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT ck_recurring_transfers_status CHECK (status IN ('active', 'paused', 'canceled', 'finished')),
    CONSTRAINT ck_recurring_transfers_addressed CHECK (num_nonnulls(to_account_id, email_hash, person_id) = 1),
    CONSTRAINT ck_recurring_transfers_next CHECK (status <> 'active' OR next_on IS NOT NULL)
);
CREATE INDEX ix_recurring_transfers_owner_id_id ON money.recurring_transfers (owner_id, id);
CREATE INDEX ix_recurring_transfers_next_on ON money.recurring_transfers (next_on) WHERE status = 'active';

-- One line for each date that has come up. failed: refused, and tried again at try_at.
CREATE TABLE money.recurring_runs (
    recurring_transfer_id uuid CONSTRAINT fk_recurring_runs_recurring_transfer_id_recurring_transfers
        REFERENCES money.recurring_transfers,
    scheduled_on date,
    status text NOT NULL DEFAULT 'due',
    attempts smallint NOT NULL DEFAULT 0,
    refused text,
    transfer_id uuid CONSTRAINT uq_recurring_runs_transfer_id UNIQUE
        CONSTRAINT fk_recurring_runs_transfer_id_transactions REFERENCES money.transactions,
    try_at timestamptz,
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_recurring_runs PRIMARY KEY (recurring_transfer_id, scheduled_on),
    CONSTRAINT ck_recurring_runs_status CHECK (status IN ('due', 'failed', 'paid', 'skipped')),
    CONSTRAINT ck_recurring_runs_paid CHECK ((status = 'paid') = (transfer_id IS NOT NULL)),
    CONSTRAINT ck_recurring_runs_try CHECK ((status IN ('due', 'failed')) = (try_at IS NOT NULL))
);
CREATE INDEX ix_recurring_runs_try_at ON money.recurring_runs (try_at) WHERE try_at IS NOT NULL;

-- Letters that the background is about to write. muted: for nobody, because the sender has caused enough of them.
CREATE TABLE money.letters (
    id uuid DEFAULT uuidv7() CONSTRAINT pk_letters PRIMARY KEY,
    kind text NOT NULL CONSTRAINT ck_letters_kind CHECK (kind IN ('transfer', 'payment_request')),
    subject_id uuid NOT NULL,
    muted boolean NOT NULL
);

-- Counted in windows, as auth.limits is. `key` is a hash, so that the table names nobody.
CREATE TABLE money.rate_limits (
    key bytea CONSTRAINT pk_rate_limits PRIMARY KEY,
    hits integer NOT NULL,
    window_ends timestamptz NOT NULL
);
CREATE INDEX ix_rate_limits_window_ends ON money.rate_limits (window_ends);
