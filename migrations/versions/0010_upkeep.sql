-- Forgets events that are older than 90 days, and with them their deliveries. The ledger stays. The time is in the id, so the
-- oldest stand first in the primary key. Returns how many.
CREATE FUNCTION money.forget_events(p_most integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    forgotten integer;
BEGIN
    DELETE FROM money.events
    WHERE id IN (SELECT id FROM money.events WHERE id < uuidv7(interval '-90 days') ORDER BY id LIMIT p_most);
    GET DIAGNOSTICS forgotten = ROW_COUNT;
    RETURN forgotten;
END
$$;
REVOKE ALL ON FUNCTION money.forget_events FROM PUBLIC;
GRANT EXECUTE ON FUNCTION money.forget_events TO artel_money;
