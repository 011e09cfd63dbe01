-- Give back part of what a hold's settlement cost: to the lots it came from while those live, last burnt first, and
-- what came from expired lots as one new lot without an end.
-- Refuses: unknown_hold, conflict, exceeds_settled (possible = what can still be given back).
CREATE FUNCTION ledger_refund(
    p_hold bigint, p_amount bigint, p_key uuid, p_actor uuid, p_description text
) RETURNS ledger_movement
LANGUAGE plpgsql AS $$
DECLARE
    w credits_wallet;
    e credits_entry;
    h credits_hold;
    d record;
    m ledger_movement;
    untouched bigint;   -- counted from the last draw: what the settlement left unspent, then what refunds gave back
    wanted bigint := p_amount;
    room bigint;
    part bigint;
    homeless bigint := 0;
    lots bigint[] := '{}';
    parts bigint[] := '{}';
BEGIN
    SELECT * INTO w FROM credits_wallet
    WHERE id = (SELECT wallet_id FROM credits_hold WHERE id = p_hold)
    FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN ledger_refusal('unknown_hold');
    END IF;

    SELECT * INTO e FROM credits_entry WHERE wallet_id = w.id AND key = p_key;
    IF FOUND THEN
        IF e.kind = 'refund' AND e.hold_id = p_hold AND e.amount = p_amount THEN
            RETURN ledger_moved(e, true);
        END IF;
        RETURN ledger_refusal('conflict');
    END IF;

    SELECT * INTO h FROM credits_hold WHERE id = p_hold;
    IF p_amount > coalesce(h.settled, 0) - h.refunded THEN
        RETURN ledger_refusal('exceeds_settled', coalesce(h.settled, 0) - h.refunded);
    END IF;

    e.created_at := clock_timestamp();
    untouched := h.amount - h.settled + h.refunded;
    FOR d IN
        SELECT l.id, x.amount, l.expires_at IS NULL OR l.expires_at > e.created_at AS live
        FROM credits_holddraw x JOIN credits_lot l ON l.id = x.lot_id
        WHERE x.hold_id = h.id ORDER BY x.position DESC
    LOOP
        room := d.amount - least(d.amount, untouched);
        untouched := untouched - (d.amount - room);
        part := least(room, wanted);
        wanted := wanted - part;
        IF part > 0 AND d.live THEN
            lots := lots || d.id;
            parts := parts || part;
        ELSE
            homeless := homeless + part;
        END IF;
        EXIT WHEN wanted = 0;
    END LOOP;

    IF homeless > 0 THEN
        INSERT INTO credits_lot (wallet_id, granted, remaining, created_at, source_key, source)
        VALUES (w.id, homeless, homeless, e.created_at, p_key, 'refund')
        RETURNING id INTO e.lot_id;
    END IF;
    UPDATE credits_hold SET refunded = refunded + p_amount WHERE id = h.id;

    e.kind := 'refund';
    e.amount := p_amount;
    e.held_change := 0;
    e.hold_id := h.id;
    e.key := p_key;
    e.reference_kind := h.reference_kind;
    e.reference_id := h.reference_id;
    e.actor_id := p_actor;
    e.description := p_description;
    m := ledger_write(w, e);
    FOR i IN 1 .. cardinality(lots) LOOP
        UPDATE credits_lot SET remaining = remaining + parts[i] WHERE id = lots[i];
        INSERT INTO credits_lotmovement (entry_id, lot_id, amount) VALUES (m.entry_id, lots[i], parts[i]);
    END LOOP;
    RETURN m;
END;
$$;
