-- Append `e` to its wallet's journal and bring the wallet up to it: the only place that writes either.
-- The caller holds the lock on the wallet row and passes it as `w`, and has filled what is particular to `e`:
-- kind, amount, held_change, hold_id, lot_id, key, reference_*, actor_id, description, created_at.
CREATE FUNCTION ledger_write(w credits_wallet, e credits_entry) RETURNS ledger_movement
LANGUAGE plpgsql AS $$
BEGIN
    e.wallet_id := w.id;
    e.seq := w.seq + 1;
    e.held_after := w.held + e.held_change;
    e.balance_after := w.available + w.held + e.amount;
    e.hash := sha256(w.head || ledger_entry_bytes(e));

    INSERT INTO credits_entry (wallet_id, seq, amount, held_change, balance_after, held_after, created_at, hold_id,
                               lot_id, key, reference_id, actor_id, kind, reference_kind, description, hash)
    VALUES (e.wallet_id, e.seq, e.amount, e.held_change, e.balance_after, e.held_after, e.created_at, e.hold_id,
            e.lot_id, e.key, e.reference_id, e.actor_id, e.kind, e.reference_kind, e.description, e.hash)
    RETURNING id INTO e.id;

    UPDATE credits_wallet
    SET available = e.balance_after - e.held_after,
        held = e.held_after,
        used = w.used - CASE WHEN e.kind IN ('settle', 'refund') THEN e.amount ELSE 0 END,
        seq = e.seq,
        head = e.hash
    WHERE id = w.id;

    RETURN ledger_moved(e, false);
END;
$$;
