-- An offer that holds for a minute: by what is sold, or by what is bought; the other one is null. Rounded in the house's favour.
CREATE FUNCTION money.quote(
    p_principal uuid, p_key text, p_fingerprint bytea,
    p_from uuid, p_to uuid, p_sell bigint, p_buy bigint, p_sandbox boolean
) RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    most CONSTANT numeric := 9007199254740991;
    outcome jsonb := money.claim(p_principal, p_key, p_fingerprint);
    source record;
    target record;
    price record;
    sells numeric := p_sell;
    buys numeric := p_buy;
    refused text;
    made uuid;
BEGIN
    IF outcome IS NOT NULL THEN
        RETURN outcome;
    END IF;
    SELECT a.*, c.exponent INTO source FROM money.accounts AS a JOIN money.currencies AS c ON c.code = a.currency
    WHERE a.id = p_from AND a.owner_id = p_principal;
    SELECT a.*, c.exponent INTO target FROM money.accounts AS a JOIN money.currencies AS c ON c.code = a.currency
    WHERE a.id = p_to AND a.owner_id = p_principal;
    price := money.price(source.currency, target.currency, p_sandbox);
    IF source.id IS NOT NULL AND target.id IS NOT NULL AND price.numerator IS NOT NULL THEN
        sells := coalesce(
            sells, money.sold_for(p_buy, price.numerator, price.denominator, source.exponent, target.exponent)
        );
        buys := coalesce(
            buys, money.bought(p_sell, price.numerator, price.denominator, source.exponent, target.exponent)
        );
    END IF;
    refused := CASE
        WHEN source.id IS NULL OR target.id IS NULL THEN 'AccountNotFound'
        WHEN source.currency = target.currency THEN 'SameCurrency'
        WHEN 'closed' IN (source.status, target.status) THEN 'AccountClosed'
        WHEN price.numerator IS NULL THEN 'RateMissing'
        WHEN buys < 1 THEN 'AmountTooSmall'
        WHEN sells > most OR buys > most THEN 'AmountTooLarge'
    END;
    IF refused IS NOT NULL THEN
        RETURN money.refuse(p_principal, p_key, refused);
    END IF;
    INSERT INTO money.quotes (
        owner_id, from_account_id, to_account_id, sell_currency, sell_amount, buy_currency, buy_amount, rate, rate_id,
        created_at, expires_at
    ) VALUES (
        p_principal, p_from, p_to, source.currency, sells, target.currency, buys,
        trim_scale(round(price.numerator / price.denominator, 18)), price.rate_id,
        clock_timestamp(), clock_timestamp() + interval '60 seconds'
    ) RETURNING id INTO made;
    RETURN money.remember(p_principal, p_key, jsonb_build_object('quote_id', made));
END
$$;

-- Takes a quote: one transaction whose entries sum to zero in each of the two currencies, by way of the house's liquidity.
-- The quote is locked before limits and accounts. Nobody who holds a lock on those ever waits for a quote, so there is no
-- circle; and who comes second finds it used before anything was counted or moved.
CREATE FUNCTION money.exchange(p_principal uuid, p_key text, p_fingerprint bytea, p_quote uuid)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    outcome jsonb := money.claim(p_principal, p_key, p_fingerprint);
    taken money.quotes;
    id CONSTANT uuid := uuidv7();
    refused text;
BEGIN
    IF outcome IS NOT NULL THEN
        RETURN outcome;
    END IF;
    SELECT * INTO taken FROM money.quotes AS q WHERE q.id = p_quote AND q.owner_id = p_principal FOR UPDATE;
    refused := CASE
        WHEN taken.id IS NULL THEN 'QuoteNotFound'
        WHEN taken.used THEN 'QuoteUsed'
        WHEN taken.expires_at <= clock_timestamp() THEN 'QuoteExpired'
        ELSE money.spend(p_principal, taken.sell_currency, taken.sell_amount)
    END;
    IF refused IS NOT NULL THEN
        RETURN money.refuse(p_principal, p_key, refused);
    END IF;
    refused := (money.post(
        ARRAY[p_principal], ARRAY[id], ARRAY['exchange']::money.transaction_kind [],
        ARRAY[format('%s/%s %s', taken.sell_currency, taken.buy_currency, trim_scale(round(taken.rate, 6)))], ARRAY[NULL::uuid],
        ARRAY[1, 1, 1, 1],
        ARRAY[
            taken.from_account_id, money.system_account('liquidity', taken.sell_currency),
            money.system_account('liquidity', taken.buy_currency), taken.to_account_id
        ],
        ARRAY['debit', 'credit', 'debit', 'credit']::money.side [],
        ARRAY[taken.sell_amount, taken.sell_amount, taken.buy_amount, taken.buy_amount],
        ARRAY[taken.sell_currency, taken.sell_currency, taken.buy_currency, taken.buy_currency],
        ARRAY[p_principal, NULL, NULL, p_principal], ARRAY[0::bigint, 0, 0, 0]
    ))[1];
    IF refused IS NOT NULL THEN
        PERFORM money.unspend(p_principal, taken.sell_currency, taken.sell_amount);
        RETURN money.refuse(p_principal, p_key, refused);
    END IF;
    UPDATE money.quotes AS q SET used = true WHERE q.id = p_quote;
    INSERT INTO money.exchanges (quote_id, transaction_id, owner_id) VALUES (p_quote, id, p_principal);
    RETURN money.remember(p_principal, p_key, jsonb_build_object('transaction_id', id));
END
$$;

-- Offers that nobody took, a day after they ended: until then a late request is told that it is late. Returns how many.
CREATE FUNCTION money.sweep_quotes() RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    WITH gone AS (
        DELETE FROM money.quotes WHERE id = ANY (ARRAY(
            SELECT old.id FROM money.quotes AS old
            WHERE NOT old.used AND old.expires_at < clock_timestamp() - interval '1 day'
            ORDER BY old.expires_at LIMIT 10000 FOR UPDATE SKIP LOCKED
        )) RETURNING 1
    )
    SELECT count(*) FROM gone;
$$;
