-- What a currency is worth in another one, set by administrators. rate: units of `quote` for one unit of `base`, in the middle
-- between buying and selling; spread: the part of it that the house keeps, either way. Lines are ended, never changed.
CREATE TABLE money.rates (
    id uuid DEFAULT uuidv7() CONSTRAINT pk_rates PRIMARY KEY,
    base text NOT NULL CONSTRAINT fk_rates_base_currencies REFERENCES money.currencies,
    quote text NOT NULL CONSTRAINT fk_rates_quote_currencies REFERENCES money.currencies,
    rate numeric(24, 12) NOT NULL CONSTRAINT ck_rates_rate CHECK (rate > 0),
    spread numeric(9, 6) NOT NULL CONSTRAINT ck_rates_spread CHECK (spread >= 0 AND spread < 1),
    created_by uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    ended_at timestamptz,
    CONSTRAINT ck_rates_pair CHECK (base <> quote)
);
-- One in force for both directions: of two that disagree, somebody could buy by the one and sell by the other.
CREATE UNIQUE INDEX uq_rates_pair ON money.rates (least(base, quote), greatest(base, quote)) WHERE ended_at IS NULL;

-- Made-up rates, so that a new installation can exchange before anybody has set any; see money.price. How many units of the
-- currency one euro is.
CREATE TABLE money.reference_rates (
    currency text CONSTRAINT pk_reference_rates PRIMARY KEY
        CONSTRAINT fk_reference_rates_currency_currencies REFERENCES money.currencies,
    per_euro numeric(24, 12) NOT NULL CONSTRAINT ck_reference_rates_per_euro CHECK (per_euro > 0)
);
INSERT INTO money.reference_rates (currency, per_euro) VALUES
    ('EUR', 1), ('USD', 1.08), ('GBP', 0.85), ('CHF', 0.96), ('JPY', 162), ('CNY', 7.8), ('RUB', 98), ('KZT', 520),
    ('BYN', 3.5), ('UAH', 44), ('PLN', 4.3), ('CZK', 25), ('HUF', 395), ('RON', 4.97), ('RSD', 117), ('SEK', 11.4),
    ('NOK', 11.7), ('DKK', 7.46), ('ISK', 149), ('TRY', 36), ('GEL', 2.95), ('AMD', 420), ('AZN', 1.84), ('UZS', 13700),
    ('KGS', 94), ('INR', 91), ('KRW', 1480), ('SGD', 1.45), ('HKD', 8.4), ('THB', 38), ('VND', 27000), ('IDR', 17000),
    ('AUD', 1.65), ('NZD', 1.79), ('CAD', 1.48), ('BRL', 6.1), ('MXN', 20), ('ZAR', 19.6), ('ILS', 4), ('AED', 3.97),
    ('SAR', 4.05), ('KWD', 0.332), ('BHD', 0.407), ('TND', 3.36), ('CLP', 1010);

-- An offer. rate: units of the bought currency for one unit of the sold one, after the spread.
CREATE TABLE money.quotes (
    id uuid DEFAULT uuidv7() CONSTRAINT pk_quotes PRIMARY KEY,
    owner_id uuid NOT NULL,
    from_account_id uuid NOT NULL,
    to_account_id uuid NOT NULL,
    sell_currency text NOT NULL,
    sell_amount bigint NOT NULL CONSTRAINT ck_quotes_sell_amount CHECK (sell_amount > 0),
    buy_currency text NOT NULL,
    buy_amount bigint NOT NULL CONSTRAINT ck_quotes_buy_amount CHECK (buy_amount > 0),
    rate numeric NOT NULL,
    rate_id uuid CONSTRAINT fk_quotes_rate_id_rates REFERENCES money.rates,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    used boolean NOT NULL DEFAULT false,
    CONSTRAINT fk_quotes_from_account_id_sell_currency_accounts
        FOREIGN KEY (from_account_id, sell_currency) REFERENCES money.accounts (id, currency),
    CONSTRAINT fk_quotes_to_account_id_buy_currency_accounts
        FOREIGN KEY (to_account_id, buy_currency) REFERENCES money.accounts (id, currency)
);
CREATE INDEX ix_quotes_expires_at ON money.quotes (expires_at) WHERE NOT used;

-- The use of a quote: its primary key sees to it that there is one at most.
CREATE TABLE money.exchanges (
    quote_id uuid CONSTRAINT pk_exchanges PRIMARY KEY
        CONSTRAINT fk_exchanges_quote_id_quotes REFERENCES money.quotes,
    transaction_id uuid NOT NULL CONSTRAINT uq_exchanges_transaction_id UNIQUE
        CONSTRAINT fk_exchanges_transaction_id_transactions REFERENCES money.transactions,
    owner_id uuid NOT NULL
);
CREATE INDEX ix_exchanges_owner_id_transaction_id ON money.exchanges (owner_id, transaction_id);

CREATE TRIGGER stays BEFORE DELETE OR TRUNCATE ON money.rates
FOR EACH STATEMENT EXECUTE FUNCTION money.refuse_change();
CREATE TRIGGER ends_only BEFORE UPDATE ON money.rates FOR EACH ROW WHEN (
    old.ended_at IS NOT NULL OR (new.id, new.base, new.quote, new.rate, new.spread, new.created_by, new.created_at)
    IS DISTINCT FROM (old.id, old.base, old.quote, old.rate, old.spread, old.created_by, old.created_at)
)
EXECUTE FUNCTION money.refuse_change();
CREATE TRIGGER stays BEFORE TRUNCATE ON money.quotes
FOR EACH STATEMENT EXECUTE FUNCTION money.refuse_change();
CREATE TRIGGER used_once BEFORE UPDATE ON money.quotes FOR EACH ROW WHEN (
    old.used OR (
        new.id, new.owner_id, new.from_account_id, new.to_account_id, new.sell_currency, new.sell_amount, new.buy_currency,
        new.buy_amount, new.rate, new.rate_id, new.created_at, new.expires_at
    ) IS DISTINCT FROM (
        old.id, old.owner_id, old.from_account_id, old.to_account_id, old.sell_currency, old.sell_amount, old.buy_currency,
        old.buy_amount, old.rate, old.rate_id, old.created_at, old.expires_at
    )
)
EXECUTE FUNCTION money.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON money.exchanges
FOR EACH STATEMENT EXECUTE FUNCTION money.refuse_change();
