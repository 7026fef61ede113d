-- One rate for a pair, whichever way round it is told. Two administrators at the same moment wait for each other.
CREATE FUNCTION money.set_rate(
    p_actor uuid, p_base text, p_quote text, p_rate numeric, p_spread numeric, p_reason text
) RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    made uuid;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('money.rates ' || least(p_base, p_quote) || greatest(p_base, p_quote), 0));
    UPDATE money.rates SET ended_at = clock_timestamp()
    WHERE least(base, quote) = least(p_base, p_quote) AND greatest(base, quote) = greatest(p_base, p_quote)
        AND ended_at IS NULL;
    INSERT INTO money.rates (base, quote, rate, spread, created_by, created_at)
    VALUES (p_base, p_quote, p_rate, p_spread, p_actor, clock_timestamp()) RETURNING id INTO made;
    PERFORM money.note(
        p_actor, 'rate.set', made, p_reason,
        jsonb_build_object('base', p_base, 'quote', p_quote, 'rate', p_rate::text, 'spread', p_spread::text)
    );
    RETURN made;
END
$$;

-- What a person gets in one currency for a unit of another, as a fraction: a third has no end as a decimal number, and what is
-- rounded twice may be rounded against the house. Null when there is no rate. p_sandbox: the reference rates will do.
CREATE FUNCTION money.price(
    p_sell text, p_buy text, p_sandbox boolean, OUT numerator numeric, OUT denominator numeric, OUT rate_id uuid
) LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    found money.rates;
BEGIN
    SELECT * INTO found FROM money.rates
    WHERE least(base, quote) = least(p_sell, p_buy) AND greatest(base, quote) = greatest(p_sell, p_buy)
        AND ended_at IS NULL;
    rate_id := found.id;
    IF rate_id IS NOT NULL THEN
        numerator := (1 - found.spread) * CASE found.base WHEN p_sell THEN found.rate ELSE 1 END;
        denominator := CASE found.base WHEN p_sell THEN 1 ELSE found.rate END;
    ELSIF p_sandbox THEN
        SELECT (1 - 0.005) * bought.per_euro, sold.per_euro INTO numerator, denominator
        FROM money.reference_rates AS sold, money.reference_rates AS bought
        WHERE sold.currency = p_sell AND bought.currency = p_buy;
    END IF;
END
$$;

-- Minor units of the one currency for those of the other, by the price numerator / denominator and the currencies' exponents.
-- div() cuts off what is not whole: a quotient that was rounded first could come out above what it is.
CREATE FUNCTION money.bought(
    p_sold bigint, p_numerator numeric, p_denominator numeric, p_sell_exponent integer, p_buy_exponent integer
) RETURNS numeric LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT div(
        p_sold * p_numerator * ('1e' || p_buy_exponent)::numeric, p_denominator * ('1e' || p_sell_exponent)::numeric
    );
$$;

-- The other way: what must be sold to buy that much, rounded up.
CREATE FUNCTION money.sold_for(
    p_bought bigint, p_numerator numeric, p_denominator numeric, p_sell_exponent integer, p_buy_exponent integer
) RETURNS numeric LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT div(need, have) + sign(mod(need, have))
    FROM (
        SELECT
            p_bought * p_denominator * ('1e' || p_sell_exponent)::numeric AS need,
            p_numerator * ('1e' || p_buy_exponent)::numeric AS have
    ) AS fraction;
$$;
