-- Payments ---------------------------------------------------------------------------------------------------------------

-- Money that comes in or goes out through a provider. The status is also the point from which whoever finds it goes on:
-- created: the provider may or may not have heard of it; pending: it has, and we know its reference; the rest is final, but
-- for money that arrives after all, and for money that comes back.
-- instrument: what is paid with or to, as the provider knows it. client_secret: for the page that pays; gone when it is done.
-- due_at: when somebody should look after it again; null: never.
CREATE TABLE money.payments (
    id uuid DEFAULT uuidv7() CONSTRAINT pk_payments PRIMARY KEY,
    direction text NOT NULL CONSTRAINT ck_payments_direction CHECK (direction IN ('deposit', 'withdrawal')),
    owner_id uuid NOT NULL,
    account_id uuid NOT NULL,
    provider text NOT NULL,
    amount bigint NOT NULL CONSTRAINT ck_payments_amount CHECK (amount > 0),
    fee bigint NOT NULL DEFAULT 0 CONSTRAINT ck_payments_fee CHECK (fee >= 0),
    currency text NOT NULL,
    instrument text,
    status text NOT NULL DEFAULT 'created'
        CONSTRAINT ck_payments_status CHECK (status IN ('created', 'pending', 'succeeded', 'failed', 'canceled')),
    provider_reference text,
    client_secret text,
    hold_id uuid CONSTRAINT uq_payments_hold_id UNIQUE CONSTRAINT fk_payments_hold_id_holds REFERENCES money.holds,
    transaction_id uuid CONSTRAINT uq_payments_transaction_id UNIQUE
        CONSTRAINT fk_payments_transaction_id_transactions REFERENCES money.transactions,
    return_id uuid CONSTRAINT uq_payments_return_id UNIQUE
        CONSTRAINT fk_payments_return_id_transactions REFERENCES money.transactions,
    failure text,
    attempts integer NOT NULL DEFAULT 0,
    due_at timestamptz DEFAULT now() + interval '1 minute',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT fk_payments_account_id_currency_accounts
        FOREIGN KEY (account_id, currency) REFERENCES money.accounts (id, currency),
    CONSTRAINT uq_payments_provider_provider_reference UNIQUE (provider, provider_reference),
    CONSTRAINT ck_payments_held CHECK ((direction = 'withdrawal') = (hold_id IS NOT NULL)),
    CONSTRAINT ck_payments_posted CHECK (status <> 'succeeded' OR transaction_id IS NOT NULL),
    CONSTRAINT ck_payments_returned CHECK (
        return_id IS NULL OR direction = 'withdrawal' AND transaction_id IS NOT NULL AND status = 'failed'
    )
);
CREATE INDEX ix_payments_owner_id_id ON money.payments (owner_id, id);
CREATE INDEX ix_payments_account_id ON money.payments (account_id);
CREATE INDEX ix_payments_due_at ON money.payments (due_at) WHERE due_at IS NOT NULL;
CREATE TRIGGER stays BEFORE DELETE OR TRUNCATE ON money.payments
FOR EACH STATEMENT EXECUTE FUNCTION money.refuse_change();

-- What providers told us, signed: stored first and looked into afterwards. The payload is emptied when it has had its time; the
-- row stays, so that no event is ever taken twice.
CREATE TABLE money.webhook_inbox (
    provider text,
    event_id text,
    type text NOT NULL,
    payload bytea NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    processed_at timestamptz,
    attempts integer NOT NULL DEFAULT 0,
    due_at timestamptz NOT NULL DEFAULT now(),
    problem text,
    CONSTRAINT pk_webhook_inbox PRIMARY KEY (provider, event_id)
);
CREATE INDEX ix_webhook_inbox_due_at ON money.webhook_inbox (due_at) WHERE processed_at IS NULL;
CREATE INDEX ix_webhook_inbox_processed_at ON money.webhook_inbox (processed_at) WHERE payload <> '';

-- Reconciliation -----------------------------------------------------------------------------------------------------------

-- The provider's own list of what moved its balance with us. amount: positive is what it owes us more, before its fee.
-- transaction_id: the one of ours that says the same, or that put into suspense what only the provider knows of.
-- open: not compared yet; transit: its payment is under way; differs: ours has another amount; gone: the provider has taken it
-- off its list.
CREATE TABLE money.provider_transactions (
    provider text,
    id text,
    type text NOT NULL,
    amount bigint NOT NULL,
    fee bigint NOT NULL DEFAULT 0,
    currency text NOT NULL CONSTRAINT fk_provider_transactions_currency_currencies REFERENCES money.currencies,
    reference text,
    at timestamptz NOT NULL,
    state text NOT NULL DEFAULT 'open' CONSTRAINT ck_provider_transactions_state
        CHECK (state IN ('open', 'transit', 'matched', 'differs', 'suspense', 'gone')),
    payment_id uuid CONSTRAINT fk_provider_transactions_payment_id_payments REFERENCES money.payments,
    transaction_id uuid CONSTRAINT uq_provider_transactions_transaction_id UNIQUE
        CONSTRAINT fk_provider_transactions_transaction_id_transactions REFERENCES money.transactions,
    fee_transaction_id uuid CONSTRAINT uq_provider_transactions_fee_transaction_id UNIQUE
        CONSTRAINT fk_provider_transactions_fee_transaction_id_transactions REFERENCES money.transactions,
    CONSTRAINT pk_provider_transactions PRIMARY KEY (provider, id)
);
CREATE INDEX ix_provider_transactions_provider_currency_at ON money.provider_transactions (provider, currency, at);
CREATE INDEX ix_provider_transactions_provider_reference ON money.provider_transactions (provider, reference);

-- One row a run and currency. The totals are of what both sides have posted; what is in transit is in neither.
CREATE TABLE money.reconciliations (
    id uuid DEFAULT uuidv7() CONSTRAINT pk_reconciliations PRIMARY KEY,
    provider text NOT NULL,
    currency text NOT NULL CONSTRAINT fk_reconciliations_currency_currencies REFERENCES money.currencies,
    period_start timestamptz NOT NULL,
    period_end timestamptz NOT NULL,
    our_total bigint NOT NULL,
    their_total bigint NOT NULL,
    difference bigint NOT NULL,
    fees bigint NOT NULL,
    matched integer NOT NULL,
    in_transit integer NOT NULL,
    unmatched integer NOT NULL,
    status text NOT NULL,
    created_by uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT ck_reconciliations_period CHECK (period_start < period_end),
    CONSTRAINT ck_reconciliations_difference CHECK (difference = their_total - our_total),
    CONSTRAINT ck_reconciliations_status CHECK (status = CASE unmatched WHEN 0 THEN 'agrees' ELSE 'differs' END)
);

CREATE TABLE money.reconciliation_lines (
    reconciliation_id uuid CONSTRAINT fk_reconciliation_lines_reconciliation_id_reconciliations
        REFERENCES money.reconciliations,
    number integer,
    reason text NOT NULL CONSTRAINT ck_reconciliation_lines_reason
        CHECK (reason IN ('ours_only', 'theirs_only', 'amount_differs')),
    provider_transaction_id text,
    reference text,
    payment_id uuid,
    transaction_id uuid,
    ours bigint NOT NULL,
    theirs bigint NOT NULL,
    at timestamptz NOT NULL,
    CONSTRAINT pk_reconciliation_lines PRIMARY KEY (reconciliation_id, number)
);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON money.reconciliations
FOR EACH STATEMENT EXECUTE FUNCTION money.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON money.reconciliation_lines
FOR EACH STATEMENT EXECUTE FUNCTION money.refuse_change();

-- When each provider's list is to be looked at next, and up to when it was. Whoever puts due_at off does it.
CREATE TABLE money.reconciliation_schedule (
    provider text CONSTRAINT pk_reconciliation_schedule PRIMARY KEY,
    due_at timestamptz NOT NULL,
    done_until timestamptz
);

-- The sandbox: a bank that lives in these tables and knows nothing of ours -------------------------------------------------

CREATE TABLE money.sandbox_orders (
    payment_id uuid CONSTRAINT pk_sandbox_orders PRIMARY KEY,
    reference text NOT NULL CONSTRAINT uq_sandbox_orders_reference UNIQUE,
    direction text NOT NULL,
    amount bigint NOT NULL,
    currency text NOT NULL,
    instrument text,
    status text NOT NULL,
    failure text,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE money.sandbox_statement (
    id text CONSTRAINT pk_sandbox_statement PRIMARY KEY,
    type text NOT NULL,
    amount bigint NOT NULL,
    fee bigint NOT NULL DEFAULT 0,
    currency text NOT NULL,
    reference text NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX ix_sandbox_statement_at ON money.sandbox_statement (at);
