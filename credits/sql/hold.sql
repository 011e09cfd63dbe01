-- Set `p_amount` aside for work, until `p_expires` at the latest.
-- Refuses: unknown_wallet, conflict, parked, owing (possible = what is owed), insufficient (possible = what is spendable).
CREATE FUNCTION ledger_hold(
    p_wallet bigint, p_amount bigint, p_key uuid, p_expires timestamptz,
    p_reference_kind text, p_reference_id uuid, p_description text
) RETURNS ledger_movement
LANGUAGE plpgsql AS $$
DECLARE
    w credits_wallet;
    e credits_entry;
    b record;
BEGIN
    SELECT * INTO w FROM credits_wallet WHERE id = p_wallet FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN ledger_refusal('unknown_wallet');
    END IF;

    SELECT * INTO e FROM credits_entry WHERE wallet_id = w.id AND key = p_key;
    IF FOUND THEN
        IF e.kind = 'hold' AND e.held_change = p_amount
           AND e.reference_kind = p_reference_kind AND e.reference_id IS NOT DISTINCT FROM p_reference_id THEN
            RETURN ledger_moved(e, true);
        END IF;
        RETURN ledger_refusal('conflict');
    END IF;
    IF w.parked_at IS NOT NULL THEN
        RETURN ledger_refusal('parked');
    END IF;
    IF w.owed > 0 THEN
        RETURN ledger_refusal('owing', w.owed);
    END IF;

    e.created_at := clock_timestamp();
    b := ledger_burn(w.id, p_amount, e.created_at);
    IF b.short > 0 THEN
        RETURN ledger_refusal('insufficient', p_amount - b.short);
    END IF;

    INSERT INTO credits_hold (wallet_id, amount, refunded, created_at, expires_at, reference_id, reference_kind)
    VALUES (w.id, p_amount, 0, e.created_at, p_expires, p_reference_id, p_reference_kind)
    RETURNING id INTO e.hold_id;
    FOR i IN 1 .. cardinality(b.lots) LOOP
        UPDATE credits_lot SET remaining = remaining - b.parts[i] WHERE id = b.lots[i];
        INSERT INTO credits_holddraw (hold_id, lot_id, amount, position)
        VALUES (e.hold_id, b.lots[i], b.parts[i], i);
    END LOOP;

    e.kind := 'hold';
    e.amount := 0;
    e.held_change := p_amount;
    e.key := p_key;
    e.reference_kind := p_reference_kind;
    e.reference_id := p_reference_id;
    e.description := p_description;
    RETURN ledger_write(w, e);
END;
$$;
