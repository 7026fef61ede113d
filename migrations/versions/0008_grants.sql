REVOKE ALL ON ALL FUNCTIONS IN SCHEMA money FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
    money.open_account, money.rename_account, money.set_status, money.configure,
    money.transfer(uuid [], text [], bytea [], uuid [], uuid [], bigint [], text [], text []),
    money.transfer(uuid, text, bytea, uuid, uuid, bigint, text, text),
    money.transfer_batch, money.try_transfer,
    money.hold, money.capture, money.void, money.sweep_holds,
    money.set_fee_rule, money.end_fee_rule, money.set_limit, money.remove_limit,
    money.propose_adjustment, money.decide_adjustment, money.publish, money.verify_seals, money.violations,
    money.balance, money.change, money.version_at, money.fee
TO artel_money;
GRANT SELECT ON
    money.accounts, money.transactions, money.entries, money.deltas, money.sides, money.standing, money.seals,
    money.holds, money.hold_resolutions, money.returns, money.fee_rules, money.limits, money.spent, money.events,
    money.actions, money.adjustments, money.outbox, money.idempotency_keys
TO artel_money;
-- A view reads with its owner's rights.
GRANT EXECUTE ON FUNCTION money.change, money.balance TO artel_analytics;

-- Folding is for whoever reads a history that should be whole, and for the schedule.
CREATE FUNCTION money.fold_hot(p_account uuid) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT money.fold(id) FROM money.accounts WHERE id = p_account AND hot
        AND EXISTS (SELECT FROM money.deltas AS d WHERE d.account_id = p_account);
$$;
CREATE FUNCTION money.fold_all() RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT count(money.fold(id)) FROM (SELECT DISTINCT account_id AS id FROM money.deltas ORDER BY 1) AS hot;
$$;
REVOKE ALL ON FUNCTION money.fold_hot, money.fold_all FROM PUBLIC;
GRANT EXECUTE ON FUNCTION money.fold_hot, money.fold_all TO artel_money;
