-- What an operator asked for stays as it was asked, and is decided once.
CREATE TRIGGER credits_correction_kept BEFORE DELETE OR TRUNCATE ON credits_correction
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER credits_correction_fixed
    BEFORE UPDATE OF id, wallet_id, kind, amount, refunded_entry_id, expires_at, reason, "limit", needs_approval, key,
                     requested_by_id, requested_at ON credits_correction
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER credits_correction_decided_once BEFORE UPDATE ON credits_correction
    FOR EACH ROW WHEN (OLD.state <> 'pending') EXECUTE FUNCTION ledger_refuse();
