-- What is written stays written: triggers refuse it even to the tables' owner.
CREATE FUNCTION ledger_refuse() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % is refused: the ledger is append-only', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END;
$$;

CREATE TRIGGER credits_entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON credits_entry
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER credits_holddraw_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON credits_holddraw
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER credits_lotmovement_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON credits_lotmovement
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();

CREATE TRIGGER credits_wallet_kept BEFORE DELETE OR TRUNCATE ON credits_wallet
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER credits_lot_kept BEFORE DELETE OR TRUNCATE ON credits_lot
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER credits_hold_kept BEFORE DELETE OR TRUNCATE ON credits_hold
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();

-- Of a lot only `remaining` changes. Of a hold: its resolution, once, and afterwards `refunded`.
CREATE TRIGGER credits_lot_fixed
    BEFORE UPDATE OF id, wallet_id, granted, expires_at, period_start, created_at, source_key, source ON credits_lot
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER credits_hold_fixed
    BEFORE UPDATE OF id, wallet_id, amount, created_at, expires_at, reference_id, reference_kind ON credits_hold
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER credits_hold_resolved_once BEFORE UPDATE OF settled, resolved_at ON credits_hold
    FOR EACH ROW WHEN (OLD.resolved_at IS NOT NULL) EXECUTE FUNCTION ledger_refuse();
