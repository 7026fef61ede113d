REVOKE ALL ON FUNCTION
    identity.address_hash, identity.holder_of_address, identity.holder_of_handle, identity.address_of, identity.is_here,
    identity.queue_letter,
    money.rate, money.rate_key, money.used_up, money.hit, money.sweep_rates, money.is_new,
    money.receiving_account, money.unusable, money.pay, money.send_to, money.have_written, money.send, money.try_send,
    money.lock_of_claim, money.deliver_to, money.note_arrival, money.deliverable, money.arrived, money.forget_arrivals,
    money.left_behind, money.may_look_through, money.deliver, money.overdue_claims, money.give_back,
    money.returnable, money.lock_return,
    money.lock_request, money.asked, money.is_asked, money.about_request, money.request_payment, money.request_for,
    money.accept_request, money.close_request, money.expire_requests,
    money.occurrence, money.occurrences_until, money.next_occurrence, money.day_of, money.lock_order,
    money.order_recurring, money.change_recurring, money.drop_runs, money.plan_runs, money.due_runs, money.run_recurring,
    money.run_paid, money.run_refused,
    money.take_letter
FROM PUBLIC;
-- An index is kept up to date with the rights of who writes the row.
GRANT EXECUTE ON FUNCTION identity.address_hash TO artel_auth;
GRANT EXECUTE ON FUNCTION identity.address_of, identity.queue_letter TO artel_money;
GRANT EXECUTE ON FUNCTION
    money.sweep_rates, money.send, money.try_send, money.arrived, money.forget_arrivals, money.left_behind, money.may_look_through,
    money.deliver, money.overdue_claims, money.give_back,
    money.request_payment, money.accept_request, money.close_request, money.expire_requests,
    money.order_recurring, money.change_recurring, money.plan_runs, money.due_runs, money.run_recurring,
    money.take_letter
TO artel_money;
GRANT SELECT ON money.claims, money.payment_requests, money.recurring_transfers, money.recurring_runs TO artel_money;
