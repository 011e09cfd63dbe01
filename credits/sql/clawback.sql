-- Take back what is unspent of some lots, `p_amount` at most: their money went back. What open holds keep of them is
-- left alone, and so are lots that have ended: the next expiry takes these. Soonest to end first, as spending does.
-- The same key is the same call for the same reference, whatever can be taken by then.
-- Refuses: unknown_wallet, conflict, nothing (nothing of them is free; no entry is written).
CREATE FUNCTION ledger_clawback(
    p_wallet bigint, p_lots bigint[], p_amount bigint, p_key uuid,
    p_reference_kind text, p_reference_id uuid, p_description text
) RETURNS ledger_movement
LANGUAGE plpgsql AS $$
DECLARE
    w credits_wallet;
    e credits_entry;
    m ledger_movement;
    lots bigint[];
    parts bigint[];
BEGIN
    SELECT * INTO w FROM credits_wallet WHERE id = p_wallet FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN ledger_refusal('unknown_wallet');
    END IF;

    SELECT * INTO e FROM credits_entry WHERE wallet_id = w.id AND key = p_key;
    IF FOUND THEN
        IF e.kind = 'clawback' AND e.reference_kind = p_reference_kind
           AND e.reference_id IS NOT DISTINCT FROM p_reference_id THEN
            RETURN ledger_moved(e, true);
        END IF;
        RETURN ledger_refusal('conflict');
    END IF;

    e.created_at := clock_timestamp();
    SELECT array_agg(id), array_agg(part::bigint), -sum(part) INTO lots, parts, e.amount FROM (
        SELECT id, least(remaining, p_amount - before) AS part FROM (
            SELECT id, remaining,
                   sum(remaining) OVER (ORDER BY expires_at NULLS LAST, source <> 'allowance', id) - remaining AS before
            FROM credits_lot
            WHERE wallet_id = w.id AND id = ANY (p_lots) AND remaining > 0
              AND (expires_at IS NULL OR expires_at > e.created_at)
        ) free WHERE before < p_amount
    ) taken;
    IF lots IS NULL THEN
        RETURN ledger_refusal('nothing');
    END IF;

    e.kind := 'clawback';
    e.held_change := 0;
    e.key := p_key;
    e.reference_kind := p_reference_kind;
    e.reference_id := p_reference_id;
    e.description := p_description;
    m := ledger_write(w, e);
    FOR i IN 1 .. cardinality(lots) LOOP
        UPDATE credits_lot SET remaining = remaining - parts[i] WHERE id = lots[i];
        INSERT INTO credits_lotmovement (entry_id, lot_id, amount) VALUES (m.entry_id, lots[i], -parts[i]);
    END LOOP;
    RETURN m;
END;
$$;

-- The key under which a clawback is given back: a version 8 UUID that spells out its entry and its wallet, so that
-- nobody can give it back twice. 60 bits of the entry's id, then "a", then 60 bits of the wallet's.
CREATE FUNCTION ledger_restore_key(p_wallet bigint, p_entry bigint) RETURNS uuid
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT (overlay(lpad(to_hex(p_entry), 15, '0') PLACING '8' FROM 13 FOR 0)
            || 'a' || lpad(to_hex(p_wallet), 15, '0'))::uuid;
$$;

-- Give back all that a clawback took: to the lots it came from while those live, and what came from lots that have
-- ended meanwhile as one new lot without an end.
-- Refuses: unknown_clawback, conflict.
CREATE FUNCTION ledger_restore(p_entry bigint, p_description text) RETURNS ledger_movement
LANGUAGE plpgsql AS $$
DECLARE
    w credits_wallet;
    taken credits_entry;
    e credits_entry;
    m ledger_movement;
    lots bigint[];
    parts bigint[];
    homeless bigint;
BEGIN
    SELECT * INTO w FROM credits_wallet
    WHERE id = (SELECT wallet_id FROM credits_entry WHERE id = p_entry AND kind = 'clawback')
    FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN ledger_refusal('unknown_clawback');
    END IF;

    e.key := ledger_restore_key(w.id, p_entry);
    SELECT * INTO taken FROM credits_entry WHERE wallet_id = w.id AND key = e.key;
    IF FOUND THEN
        RETURN CASE WHEN taken.kind = 'restore' THEN ledger_moved(taken, true) ELSE ledger_refusal('conflict') END;
    END IF;

    SELECT * INTO taken FROM credits_entry WHERE id = p_entry;
    e.created_at := clock_timestamp();
    SELECT array_agg(x.lot_id) FILTER (WHERE x.live), array_agg(x.amount) FILTER (WHERE x.live),
           coalesce(sum(x.amount) FILTER (WHERE NOT x.live), 0)
    INTO lots, parts, homeless
    FROM (
        SELECT v.lot_id, -v.amount AS amount, l.expires_at IS NULL OR l.expires_at > e.created_at AS live
        FROM credits_lotmovement v JOIN credits_lot l ON l.id = v.lot_id
        WHERE v.entry_id = p_entry
    ) x;
    IF homeless > 0 THEN
        INSERT INTO credits_lot (wallet_id, granted, remaining, created_at, source_key, source)
        VALUES (w.id, homeless, homeless, e.created_at, e.key, 'refund')
        RETURNING id INTO e.lot_id;
    END IF;

    e.kind := 'restore';
    e.amount := -taken.amount;
    e.held_change := 0;
    e.reference_kind := taken.reference_kind;
    e.reference_id := taken.reference_id;
    e.description := p_description;
    m := ledger_write(w, e);
    FOR i IN 1 .. coalesce(cardinality(lots), 0) LOOP
        UPDATE credits_lot SET remaining = remaining + parts[i] WHERE id = lots[i];
        INSERT INTO credits_lotmovement (entry_id, lot_id, amount) VALUES (m.entry_id, lots[i], parts[i]);
    END LOOP;
    RETURN m;
END;
$$;
