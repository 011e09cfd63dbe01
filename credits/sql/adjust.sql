-- Correct a balance by hand: upward as a new lot without an end, downward from the live lots in burn order.
-- Refuses: unknown_wallet, conflict, insufficient (possible = what can be taken).
CREATE FUNCTION ledger_adjust(
    p_wallet bigint, p_amount bigint, p_key uuid, p_actor uuid, p_description text
) RETURNS ledger_movement
LANGUAGE plpgsql AS $$
DECLARE
    w credits_wallet;
    e credits_entry;
    b record;
    m ledger_movement;
BEGIN
    SELECT * INTO w FROM credits_wallet WHERE id = p_wallet FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN ledger_refusal('unknown_wallet');
    END IF;

    SELECT * INTO e FROM credits_entry WHERE wallet_id = w.id AND key = p_key;
    IF FOUND THEN
        IF e.kind = 'adjust' AND e.amount = p_amount THEN
            RETURN ledger_moved(e, true);
        END IF;
        RETURN ledger_refusal('conflict');
    END IF;

    e.created_at := clock_timestamp();
    e.kind := 'adjust';
    e.amount := p_amount;
    e.held_change := 0;
    e.key := p_key;
    e.reference_kind := '';
    e.actor_id := p_actor;
    e.description := p_description;

    IF p_amount > 0 THEN
        INSERT INTO credits_lot (wallet_id, granted, remaining, created_at, source_key, source)
        VALUES (w.id, p_amount, p_amount, e.created_at, p_key, 'adjustment')
        RETURNING id INTO e.lot_id;
        RETURN ledger_write(w, e);
    END IF;

    b := ledger_burn(w.id, -p_amount, e.created_at);
    IF b.short > 0 THEN
        RETURN ledger_refusal('insufficient', -p_amount - b.short);
    END IF;
    m := ledger_write(w, e);
    FOR i IN 1 .. cardinality(b.lots) LOOP
        UPDATE credits_lot SET remaining = remaining - b.parts[i] WHERE id = b.lots[i];
        INSERT INTO credits_lotmovement (entry_id, lot_id, amount) VALUES (m.entry_id, b.lots[i], -b.parts[i]);
    END LOOP;
    RETURN m;
END;
$$;
