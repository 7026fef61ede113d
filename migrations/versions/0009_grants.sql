REVOKE ALL ON FUNCTION
    money.open_books, money.begin_deposit, money.begin_withdrawal, money.payment_sent, money.provider_side, money.settle_deposit, money.suspend,
    money.capture_withdrawal, money.void_withdrawal, money.return_withdrawal, money.settle_withdrawal, money.settle_payment,
    money.take_event, money.clearing_change, money.keep_provider_lines, money.match_line, money.post_provider_fee,
    money.reconcile_currency, money.reconcile
FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
    money.begin_deposit, money.begin_withdrawal, money.payment_sent, money.settle_payment, money.take_event, money.reconcile
TO artel_money;
GRANT SELECT ON
    money.payments, money.webhook_inbox, money.provider_transactions, money.reconciliations, money.reconciliation_lines,
    money.reconciliation_schedule, money.sandbox_orders, money.sandbox_statement
TO artel_money;
-- Who takes a piece of work puts it off, so that nobody else takes it meanwhile.
GRANT UPDATE (attempts, due_at) ON money.payments TO artel_money;
GRANT INSERT (provider, event_id, type, payload), UPDATE (attempts, due_at, problem, payload) ON money.webhook_inbox TO artel_money;
GRANT INSERT, UPDATE ON money.reconciliation_schedule TO artel_money;
GRANT INSERT, UPDATE (status, failure) ON money.sandbox_orders TO artel_money;
GRANT INSERT ON money.sandbox_statement TO artel_money;
