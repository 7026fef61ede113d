-- Types and domains, because the CHECKs of a table are parsed and planned anew with each statement that writes to it: they
-- took a fifth of a transfer. A domain's are kept with the plan.
CREATE TYPE money.side AS ENUM ('debit', 'credit');
CREATE TYPE money.account_status AS ENUM ('open', 'frozen', 'closed');
CREATE TYPE money.transaction_kind AS ENUM (
    'deposit', 'withdrawal', 'transfer', 'capture', 'reversal', 'refund', 'exchange', 'adjustment', 'claim', 'return', 'suspense'
);
CREATE DOMAIN money.amount AS bigint CONSTRAINT ck_amount CHECK (value > 0);
CREATE DOMAIN money.total AS bigint CONSTRAINT ck_total CHECK (value >= 0);
CREATE DOMAIN money.side_count AS smallint CONSTRAINT ck_side_count CHECK (value >= 2);
-- They speak of the columns' types, and are made anew in 0008_reading.sql.
DROP VIEW money.entries_for_analytics;
DROP FUNCTION money.violations, identity.export_money_accounts, identity.export_money_entries, identity.export_money_requests;
DROP TRIGGER only_words_go ON money.transactions;
DROP FUNCTION money.transfer, money.deposit, money.open_account, money.post_pair, money.claim, money.remember;
DROP FUNCTION money.clearing_account, money.balance;

-- Accounts ---------------------------------------------------------------------------------------------------------------

-- hot: what comes in is appended to money.deltas and does not wait for the row; see 0008_posting.sql.
-- frozen: nothing leaves; what comes is taken, so that a sender learns nothing of it. closed: empty, for good.
ALTER TABLE money.accounts
    DROP CONSTRAINT ck_accounts_normal_side,
    DROP CONSTRAINT ck_accounts_available,
    DROP CONSTRAINT ck_accounts_counters,
    DROP CONSTRAINT ck_accounts_owner,
    ALTER COLUMN normal_side TYPE money.side USING normal_side::money.side,
    ALTER COLUMN debits TYPE money.total,
    ALTER COLUMN credits TYPE money.total,
    ALTER COLUMN held TYPE money.total,
    ALTER COLUMN overdraft TYPE money.total,
    ADD COLUMN status money.account_status NOT NULL DEFAULT 'open',
    ADD COLUMN hot boolean NOT NULL DEFAULT false,
    -- Whatever is bounded grows by credits, see 0008_rules.sql; null is no bound.
    ADD CONSTRAINT ck_accounts_available CHECK (overdraft - held + credits - debits >= 0);
UPDATE money.accounts SET hot = true WHERE owner_id IS NULL;
-- Room on the page, so that a new version of a row stays on it and no index has to know (HOT updates).
ALTER TABLE money.accounts SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);

-- The journal --------------------------------------------------------------------------------------------------------------

-- sides: how many entries it has, so that none can be added or taken away later. original_id: what it takes back.
ALTER TABLE money.transactions
    DROP CONSTRAINT ck_transactions_kind,
    ALTER COLUMN kind TYPE money.transaction_kind USING kind::money.transaction_kind,
    ADD COLUMN sides smallint,
    ADD COLUMN original_id uuid CONSTRAINT fk_transactions_original_id_transactions REFERENCES money.transactions;
ALTER TABLE money.transactions DISABLE TRIGGER USER;
UPDATE money.transactions AS t SET sides = (SELECT count(*) FROM money.entries AS e WHERE e.transaction_id = t.id);
ALTER TABLE money.transactions ENABLE TRIGGER USER;
ALTER TABLE money.transactions
    ALTER COLUMN sides SET NOT NULL, ALTER COLUMN sides TYPE money.side_count;
-- I7: once, each of these.
CREATE UNIQUE INDEX uq_transactions_original_id_kind ON money.transactions (original_id, kind) WHERE kind <> 'refund';
CREATE INDEX ix_transactions_original_id ON money.transactions (original_id) WHERE original_id IS NOT NULL;

-- booked_at: when the account got it. It rises with the version, because the account is locked when both are given.
ALTER TABLE money.entries
    DROP CONSTRAINT ck_entries_side,
    DROP CONSTRAINT ck_entries_amount,
    ALTER COLUMN amount TYPE money.amount,
    -- The triggers of 0008_rules.sql see to both, once for a statement; these looked them up once for each entry.
    DROP CONSTRAINT fk_entries_transaction_id_transactions,
    DROP CONSTRAINT fk_entries_account_id_currency_accounts,
    ALTER COLUMN side TYPE money.side USING side::money.side,
    ADD COLUMN booked_at timestamptz;
ALTER TABLE money.entries DISABLE TRIGGER USER;
UPDATE money.entries AS e SET booked_at = t.posted_at FROM money.transactions AS t WHERE t.id = e.transaction_id;
ALTER TABLE money.entries ENABLE TRIGGER USER;
ALTER TABLE money.entries ALTER COLUMN booked_at SET NOT NULL;

-- Entries of hot accounts that have no place in the account's history yet. Each becomes an entry when it is folded.
CREATE TABLE money.deltas (
    account_id uuid,
    transaction_id uuid,
    currency text NOT NULL,
    side money.side NOT NULL,
    amount money.amount NOT NULL,
    -- The one index: whoever looks for a transaction's skips through the few accounts that are hot. A second index, by account
    -- alone, took a quarter of the transfers into one account.
    CONSTRAINT pk_deltas PRIMARY KEY (account_id, transaction_id)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000);

-- What was posted and is not sealed yet. It has no index: whoever seals takes all that there is.
CREATE TABLE money.outbox (
    transaction_id uuid NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000);

-- I10: each line's hash goes over the one before it and over what it seals. `accounts` and `digests` are of the entries, in
-- order of account, so that the one that was changed can be named.
CREATE TABLE money.seals (
    position bigint CONSTRAINT pk_seals PRIMARY KEY,
    transaction_id uuid NOT NULL CONSTRAINT uq_seals_transaction_id UNIQUE,
    accounts uuid [] NOT NULL,
    digests bytea [] NOT NULL,
    hash bytea NOT NULL,
    sealed_at timestamptz NOT NULL DEFAULT now()
);

-- What a key led to. A transfer's key is written once: its transaction's id is chosen with it, and `outcome` stays null.
ALTER TABLE money.idempotency_keys
    ADD COLUMN transaction_id uuid,
    ALTER COLUMN outcome DROP NOT NULL;

-- Holds --------------------------------------------------------------------------------------------------------------------

CREATE TABLE money.holds (
    id uuid CONSTRAINT pk_holds PRIMARY KEY,
    account_id uuid NOT NULL,
    payee_account_id uuid NOT NULL CONSTRAINT fk_holds_payee_account_id_accounts REFERENCES money.accounts,
    currency text NOT NULL,
    amount bigint NOT NULL CONSTRAINT ck_holds_amount CHECK (amount > 0),
    description text NOT NULL,
    created_by uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    resolved boolean NOT NULL DEFAULT false,
    CONSTRAINT fk_holds_account_id_currency_accounts
        FOREIGN KEY (account_id, currency) REFERENCES money.accounts (id, currency)
);
CREATE INDEX ix_holds_account_id_expires_at ON money.holds (account_id, expires_at) WHERE NOT resolved;
CREATE INDEX ix_holds_expires_at ON money.holds (expires_at) WHERE NOT resolved;
CREATE INDEX ix_holds_created_by_id ON money.holds (created_by, id);
CREATE INDEX ix_holds_account_id_id ON money.holds (account_id, id);
CREATE INDEX ix_holds_payee_account_id_id ON money.holds (payee_account_id, id);

-- I6: the primary key.
CREATE TABLE money.hold_resolutions (
    hold_id uuid CONSTRAINT pk_hold_resolutions PRIMARY KEY
        CONSTRAINT fk_hold_resolutions_hold_id_holds REFERENCES money.holds,
    kind text NOT NULL CONSTRAINT ck_hold_resolutions_kind CHECK (kind IN ('captured', 'voided', 'expired')),
    amount bigint NOT NULL DEFAULT 0 CONSTRAINT ck_hold_resolutions_amount CHECK (amount >= 0),
    transaction_id uuid CONSTRAINT uq_hold_resolutions_transaction_id UNIQUE
        CONSTRAINT fk_hold_resolutions_transaction_id_transactions REFERENCES money.transactions,
    resolved_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT ck_hold_resolutions_captured CHECK (
        (kind = 'captured') = (transaction_id IS NOT NULL) AND (kind = 'captured') = (amount > 0)
    )
);

-- Taking back ----------------------------------------------------------------------------------------------------------------

-- I7: how much of a transaction went back. A reversal takes all of it at once.
CREATE TABLE money.returns (
    original_id uuid CONSTRAINT pk_returns PRIMARY KEY
        CONSTRAINT fk_returns_original_id_transactions REFERENCES money.transactions,
    amount bigint NOT NULL,
    returned bigint NOT NULL,
    reversed boolean NOT NULL DEFAULT false,
    CONSTRAINT ck_returns_returned CHECK (returned > 0 AND returned <= amount)
);

-- Rules that administrators make -----------------------------------------------------------------------------------------------

CREATE TABLE money.fee_rules (
    id uuid DEFAULT uuidv7() CONSTRAINT pk_fee_rules PRIMARY KEY,
    operation text NOT NULL CONSTRAINT ck_fee_rules_operation CHECK (operation IN ('transfer', 'withdrawal', 'capture')),
    currency text NOT NULL CONSTRAINT fk_fee_rules_currency_currencies REFERENCES money.currencies,
    flat bigint NOT NULL CONSTRAINT ck_fee_rules_flat CHECK (flat >= 0),
    rate numeric(9, 6) NOT NULL CONSTRAINT ck_fee_rules_rate CHECK (rate >= 0 AND rate < 1),
    minimum bigint NOT NULL DEFAULT 0 CONSTRAINT ck_fee_rules_minimum CHECK (minimum >= 0),
    maximum bigint CONSTRAINT ck_fee_rules_maximum CHECK (maximum >= minimum),
    created_by uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    ended_at timestamptz
);
CREATE UNIQUE INDEX uq_fee_rules_operation_currency ON money.fee_rules (operation, currency) WHERE ended_at IS NULL;

-- owner_id null: everybody who has no line of their own. null amounts: no limit.
CREATE TABLE money.limits (
    id uuid DEFAULT uuidv7() CONSTRAINT pk_limits PRIMARY KEY,
    owner_id uuid,
    currency text NOT NULL CONSTRAINT fk_limits_currency_currencies REFERENCES money.currencies,
    per_operation bigint CONSTRAINT ck_limits_per_operation CHECK (per_operation >= 0),
    per_day bigint CONSTRAINT ck_limits_per_day CHECK (per_day >= 0),
    created_by uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT uq_limits_owner_id_currency UNIQUE NULLS NOT DISTINCT (owner_id, currency)
);

-- What somebody who has a daily limit has sent on a day, in UTC.
CREATE TABLE money.spent (
    owner_id uuid,
    currency text,
    day date,
    amount bigint NOT NULL CONSTRAINT ck_spent_amount CHECK (amount >= 0),
    CONSTRAINT pk_spent PRIMARY KEY (owner_id, currency, day)
);

-- What happened, told to whom it concerns, and what administrators did --------------------------------------------------------

CREATE TABLE money.events (
    id uuid DEFAULT uuidv7() CONSTRAINT pk_events PRIMARY KEY,
    owner_id uuid NOT NULL,
    type text NOT NULL,
    data jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ix_events_owner_id_id ON money.events (owner_id, id);

CREATE TABLE money.actions (
    id uuid DEFAULT uuidv7() CONSTRAINT pk_actions PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT now(),
    actor_id uuid NOT NULL,
    action text NOT NULL,
    subject uuid NOT NULL,
    reason text NOT NULL DEFAULT '',
    detail jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX ix_actions_subject_id ON money.actions (subject, id);

-- A correction that one administrator proposes and another one posts. amount: positive is credited to the account.
CREATE TABLE money.adjustments (
    id uuid DEFAULT uuidv7() CONSTRAINT pk_adjustments PRIMARY KEY,
    account_id uuid NOT NULL CONSTRAINT fk_adjustments_account_id_accounts REFERENCES money.accounts,
    amount bigint NOT NULL CONSTRAINT ck_adjustments_amount CHECK (amount <> 0),
    currency text NOT NULL,
    reason text NOT NULL CONSTRAINT ck_adjustments_reason CHECK (reason <> ''),
    proposed_by uuid NOT NULL,
    proposed_at timestamptz NOT NULL DEFAULT now(),
    decided_by uuid,
    decided_at timestamptz,
    transaction_id uuid CONSTRAINT uq_adjustments_transaction_id UNIQUE
        CONSTRAINT fk_adjustments_transaction_id_transactions REFERENCES money.transactions,
    CONSTRAINT ck_adjustments_two_people CHECK (decided_by <> proposed_by),
    CONSTRAINT ck_adjustments_decided CHECK (
        (decided_by IS NULL) = (decided_at IS NULL) AND (transaction_id IS NULL OR decided_by IS NOT NULL)
    )
);
CREATE INDEX ix_adjustments_account_id ON money.adjustments (account_id);
