-- Spend `p_amount` of a hold and give the rest back to the lots it came from, in one step; the hold is then resolved.
-- A lot that expired meanwhile gets its rest too: the next expiry sweeps it.
-- Refuses: unknown_hold, conflict, resolved (possible = what was settled), exceeds_hold (possible = the hold).
CREATE FUNCTION ledger_settle(
    p_hold bigint, p_amount bigint, p_key uuid, p_description text, p_kind text DEFAULT 'settle'
) RETURNS ledger_movement
LANGUAGE plpgsql AS $$
DECLARE
    w credits_wallet;
    e credits_entry;
    h credits_hold;
    d record;
    unspent bigint;
BEGIN
    SELECT * INTO w FROM credits_wallet
    WHERE id = (SELECT wallet_id FROM credits_hold WHERE id = p_hold)
    FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN ledger_refusal('unknown_hold');
    END IF;

    SELECT * INTO e FROM credits_entry WHERE wallet_id = w.id AND key = p_key;
    IF FOUND THEN
        IF e.kind = p_kind AND e.hold_id = p_hold AND e.amount = -p_amount THEN
            RETURN ledger_moved(e, true);
        END IF;
        RETURN ledger_refusal('conflict');
    END IF;

    SELECT * INTO h FROM credits_hold WHERE id = p_hold;
    IF h.resolved_at IS NOT NULL THEN
        RETURN ledger_refusal('resolved', h.settled);
    END IF;
    IF p_amount > h.amount THEN
        RETURN ledger_refusal('exceeds_hold', h.amount);
    END IF;

    IF p_amount < h.amount THEN
        unspent := h.amount - p_amount;
        FOR d IN SELECT lot_id, amount FROM credits_holddraw WHERE hold_id = h.id ORDER BY position DESC LOOP
            UPDATE credits_lot SET remaining = remaining + least(unspent, d.amount) WHERE id = d.lot_id;
            unspent := unspent - least(unspent, d.amount);
            EXIT WHEN unspent = 0;
        END LOOP;
    END IF;

    e.created_at := clock_timestamp();
    UPDATE credits_hold SET settled = p_amount, resolved_at = e.created_at WHERE id = h.id;

    e.kind := p_kind;
    e.amount := -p_amount;
    e.held_change := -h.amount;
    e.hold_id := h.id;
    e.key := p_key;
    e.reference_kind := h.reference_kind;
    e.reference_id := h.reference_id;
    e.description := p_description;
    RETURN ledger_write(w, e);
END;
$$;

-- Give a whole hold back: its work failed, was cancelled or died. Refuses as ledger_settle does.
CREATE FUNCTION ledger_release(p_hold bigint, p_key uuid, p_description text) RETURNS ledger_movement
LANGUAGE sql AS $$
    SELECT ledger_settle(p_hold, 0, p_key, p_description, 'release');
$$;
