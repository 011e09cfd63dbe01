-- Compute what a wallet shows anew from what is never changed: its journal, its lots' and holds' fixed columns, its
-- draws and lot movements. Returns how many rows were wrong; -1, with nothing changed, where the journal itself is
-- broken: then only a backup can tell what is true.
-- A hold whose resolution was lost gets it back; one that was resolved otherwise than the journal says is refused by
-- its guard.
CREATE FUNCTION ledger_rebuild(p_wallet bigint) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    w credits_wallet;
    r credits_wallet;
    wrong integer := 0;
    touched integer;
BEGIN
    SELECT * INTO w FROM credits_wallet WHERE id = p_wallet FOR NO KEY UPDATE;
    IF EXISTS (
        SELECT FROM (
            SELECT e.seq, e.balance_after, e.held_after, e.amount, e.held_change,
                   e.hash = sha256(lag(e.hash, 1, decode(repeat('00', 32), 'hex')) OVER line
                                   || ledger_entry_bytes(e)) AS whole,
                   lag(e.seq, 1, 0::bigint) OVER line AS last_seq,
                   lag(e.balance_after, 1, 0::bigint) OVER line AS last_balance,
                   lag(e.held_after, 1, 0::bigint) OVER line AS last_held
            FROM credits_entry e WHERE e.wallet_id = w.id
            WINDOW line AS (ORDER BY e.seq)
        ) chain
        WHERE NOT whole OR seq <> last_seq + 1 OR balance_after <> last_balance + amount
           OR held_after <> last_held + held_change
    ) THEN
        RETURN -1;
    END IF;

    UPDATE credits_hold h SET settled = x.settled, resolved_at = x.resolved_at
    FROM (SELECT hold_id, -amount AS settled, created_at AS resolved_at
          FROM credits_entry WHERE wallet_id = w.id AND kind IN ('settle', 'release')) x
    WHERE h.id = x.hold_id AND h.wallet_id = w.id
      AND (h.settled, h.resolved_at) IS DISTINCT FROM (x.settled, x.resolved_at);
    GET DIAGNOSTICS touched = ROW_COUNT;
    wrong := wrong + touched;

    UPDATE credits_hold h SET refunded = x.refunded
    FROM (SELECT o.id, coalesce(sum(e.amount) FILTER (WHERE e.kind = 'refund'), 0) AS refunded
          FROM credits_hold o LEFT JOIN credits_entry e ON e.hold_id = o.id AND e.wallet_id = w.id
          WHERE o.wallet_id = w.id GROUP BY o.id) x
    WHERE h.id = x.id AND h.refunded <> x.refunded;
    GET DIAGNOSTICS touched = ROW_COUNT;
    wrong := wrong + touched;

    -- A settlement used its hold's first draws first; an open hold has all of its draws.
    UPDATE credits_lot l SET remaining = x.remaining
    FROM (
        SELECT o.id, o.granted - coalesce(d.total, 0) + coalesce(m.total, 0) AS remaining
        FROM credits_lot o
        LEFT JOIN (
            SELECT lot_id, sum(least(amount, greatest(0, coalesce(settled, before + amount) - before))) AS total
            FROM (
                SELECT y.lot_id, y.amount, h.settled,
                       sum(y.amount) OVER (PARTITION BY y.hold_id ORDER BY y.position) - y.amount AS before
                FROM credits_holddraw y JOIN credits_hold h ON h.id = y.hold_id
                WHERE h.wallet_id = w.id
            ) draws GROUP BY lot_id
        ) d ON d.lot_id = o.id
        LEFT JOIN (
            SELECT v.lot_id, sum(v.amount) AS total
            FROM credits_lotmovement v JOIN credits_lot q ON q.id = v.lot_id
            WHERE q.wallet_id = w.id GROUP BY v.lot_id
        ) m ON m.lot_id = o.id
        WHERE o.wallet_id = w.id
    ) x
    WHERE l.id = x.id AND l.remaining <> x.remaining;
    GET DIAGNOSTICS touched = ROW_COUNT;
    wrong := wrong + touched;

    r := w;
    SELECT coalesce(sum(amount) - sum(held_change), 0), coalesce(sum(held_change), 0), coalesce(max(seq), 0)
    INTO r.available, r.held, r.seq FROM credits_entry WHERE wallet_id = w.id;
    r.head := coalesce((SELECT hash FROM credits_entry WHERE wallet_id = w.id AND seq = r.seq),
                       decode(repeat('00', 32), 'hex'));
    SELECT granted, period_start, expires_at INTO r.allowance, r.period_start, r.period_end
    FROM credits_lot WHERE wallet_id = w.id AND source = 'allowance' ORDER BY id DESC LIMIT 1;
    r.allowance := coalesce(r.allowance, 0);
    r.used := -coalesce((
        SELECT sum(e.amount) FROM credits_entry e
        WHERE e.wallet_id = w.id AND e.kind IN ('settle', 'refund') AND e.seq > coalesce((
            SELECT max(g.seq) FROM credits_entry g JOIN credits_lot l ON l.id = g.lot_id
            WHERE g.wallet_id = w.id AND g.kind = 'grant' AND l.source = 'allowance'
        ), 0)
    ), 0);
    IF r IS DISTINCT FROM w THEN
        UPDATE credits_wallet
        SET available = r.available, held = r.held, seq = r.seq, head = r.head, allowance = r.allowance,
            period_start = r.period_start, period_end = r.period_end, used = r.used
        WHERE id = w.id;
        wrong := wrong + 1;
    END IF;
    RETURN wrong;
END;
$$;
