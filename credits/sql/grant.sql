-- Add a lot. An allowance names the period it is for and becomes the wallet's allowance of that period.
-- Refuses: unknown_wallet, conflict (the key means something else), period_granted (that period has its allowance).
CREATE FUNCTION ledger_grant(
    p_wallet bigint, p_amount bigint, p_source text, p_key uuid, p_expires timestamptz, p_period_start timestamptz,
    p_reference_kind text, p_reference_id uuid, p_actor uuid, p_description text
) RETURNS ledger_movement
LANGUAGE plpgsql AS $$
DECLARE
    w credits_wallet;
    e credits_entry;
    l credits_lot;
BEGIN
    SELECT * INTO w FROM credits_wallet WHERE id = p_wallet FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN ledger_refusal('unknown_wallet');
    END IF;

    SELECT * INTO e FROM credits_entry WHERE wallet_id = w.id AND key = p_key;
    IF FOUND THEN
        SELECT * INTO l FROM credits_lot WHERE id = e.lot_id;
        IF e.kind = 'grant' AND e.amount = p_amount AND l.source = p_source
           AND l.expires_at IS NOT DISTINCT FROM p_expires AND l.period_start IS NOT DISTINCT FROM p_period_start
           AND e.reference_kind = p_reference_kind AND e.reference_id IS NOT DISTINCT FROM p_reference_id THEN
            RETURN ledger_moved(e, true);
        END IF;
        RETURN ledger_refusal('conflict');
    END IF;

    e.created_at := clock_timestamp();
    INSERT INTO credits_lot (wallet_id, granted, remaining, expires_at, period_start, created_at, source_key, source)
    VALUES (w.id, p_amount, p_amount, p_expires, p_period_start, e.created_at, p_key, p_source)
    ON CONFLICT DO NOTHING
    RETURNING id INTO e.lot_id;
    IF e.lot_id IS NULL THEN
        IF EXISTS (SELECT FROM credits_lot
                   WHERE wallet_id = w.id AND source = p_source AND period_start = p_period_start) THEN
            RETURN ledger_refusal('period_granted');
        END IF;
        RETURN ledger_refusal('conflict');
    END IF;

    IF p_source = 'allowance' THEN
        w.used := 0;
        UPDATE credits_wallet
        SET allowance = p_amount, period_start = p_period_start, period_end = p_expires
        WHERE id = w.id;
    END IF;

    e.kind := 'grant';
    e.amount := p_amount;
    e.held_change := 0;
    e.key := p_key;
    e.reference_kind := p_reference_kind;
    e.reference_id := p_reference_id;
    e.actor_id := p_actor;
    e.description := p_description;
    RETURN ledger_write(w, e);
END;
$$;
