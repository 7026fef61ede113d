REVOKE ALL ON FUNCTION
    money.set_rate, money.price, money.bought, money.sold_for, money.quote, money.exchange, money.sweep_quotes
FROM PUBLIC;
GRANT EXECUTE ON FUNCTION money.set_rate, money.quote, money.exchange, money.sweep_quotes TO artel_money;
GRANT SELECT ON money.rates, money.quotes, money.exchanges TO artel_money;
