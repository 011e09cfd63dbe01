-- Take what is left of the wallet's lots whose time is over.
-- Refuses: unknown_wallet, conflict, nothing (no lot to sweep; no entry is written).
CREATE FUNCTION ledger_expire(p_wallet bigint, p_key uuid, p_description text) RETURNS ledger_movement
LANGUAGE plpgsql AS $$
DECLARE
    w credits_wallet;
    e credits_entry;
    m ledger_movement;
    lots bigint[];
BEGIN
    SELECT * INTO w FROM credits_wallet WHERE id = p_wallet FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN ledger_refusal('unknown_wallet');
    END IF;

    SELECT * INTO e FROM credits_entry WHERE wallet_id = w.id AND key = p_key;
    IF FOUND THEN
        RETURN CASE WHEN e.kind = 'expire' THEN ledger_moved(e, true) ELSE ledger_refusal('conflict') END;
    END IF;

    e.created_at := clock_timestamp();
    SELECT array_agg(id), -sum(remaining) INTO lots, e.amount FROM credits_lot
    WHERE wallet_id = w.id AND remaining > 0 AND expires_at <= e.created_at;
    IF lots IS NULL THEN
        RETURN ledger_refusal('nothing');
    END IF;

    e.kind := 'expire';
    e.held_change := 0;
    e.key := p_key;
    e.reference_kind := '';
    e.description := p_description;
    m := ledger_write(w, e);
    INSERT INTO credits_lotmovement (entry_id, lot_id, amount)
    SELECT m.entry_id, id, -remaining FROM credits_lot WHERE id = ANY (lots);
    UPDATE credits_lot SET remaining = 0 WHERE id = ANY (lots);
    RETURN m;
END;
$$;
