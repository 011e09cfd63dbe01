-- Begin the month of every wallet of `p_wallets` whose next one is due at `p_at` (the clock's moment where it is NULL):
-- what is left of the lots that have ended expires, the allowance that its row says is granted, the meter starts at 0.
-- Returns how many months began. All wallets in few statements, and yet entry by entry what ledger_expire and
-- ledger_grant would have written.
--
-- Wallets that somebody else has locked are passed over: the caller comes back for them. A parked wallet waits. Only the
-- month that runs is granted, however many were missed, and none that has its allowance or begins past `until`.
CREATE FUNCTION ledger_reset(p_wallets bigint[], p_at timestamptz DEFAULT NULL, p_actor uuid DEFAULT NULL) RETURNS bigint
LANGUAGE plpgsql
-- Row by row through the indexes, whatever the statistics say: a plan that reads a table whole is right for one batch
-- and makes a million wallets cost the square of a thousand.
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_memoize = off SET jit = off
AS $$
DECLARE
    locked bigint[];
    moment timestamptz;
    at timestamptz;
    begun bigint;
BEGIN
    -- A statement of its own: the next one sees what whoever held these locks has done.
    SELECT array_agg(id) INTO locked FROM (
        SELECT id FROM credits_wallet WHERE id = ANY (p_wallets) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
    ) w;
    -- Entries stand in the order of the clock, whatever moment is asked for.
    moment := clock_timestamp();
    at := coalesce(p_at, moment);

    WITH due AS MATERIALIZED (
        SELECT w.id AS wallet_id, w.seq, w.head, w.held, w.available + w.held AS balance, w.period_start, w.period_end,
               a.amount, a.rollover_cap, a.until, a.reference_kind, a.reference_id, a.description,
               ledger_month_start(n.anchor, n.month) AS starts, ledger_month_start(n.anchor, n.month + 1) AS ends
        FROM credits_wallet w
        JOIN credits_monthlyallowance a ON a.wallet_id = w.id
        CROSS JOIN LATERAL (
            SELECT coalesce(w.anchor, w.opened_at) AS anchor, greatest(0, ledger_month_of(coalesce(w.anchor, w.opened_at), at)) AS month
            OFFSET 0
        ) n
        WHERE w.id = ANY (locked) AND w.parked_at IS NULL AND a.due_at <= at
    ), new AS MATERIALIZED (
        SELECT * FROM due
        WHERE (until IS NULL OR starts < until) AND NOT EXISTS (
            SELECT FROM credits_lot l
            WHERE l.wallet_id = due.wallet_id AND l.source = 'allowance' AND l.period_start = due.starts
        )
    ), step AS MATERIALIZED (
        SELECT new.*, dead.amount AS gone, dead.lots, dead.parts,
               new.amount + CASE WHEN new.rollover_cap > 0 AND new.period_end = new.starts THEN (
                   SELECT least(new.rollover_cap, l.remaining - coalesce((
                       SELECT sum(m.amount) FROM credits_lotmovement m JOIN credits_entry e ON e.id = m.entry_id
                       WHERE m.lot_id = l.id AND e.kind = 'expire'), 0))::bigint
                   FROM credits_lot l
                   WHERE l.wallet_id = new.wallet_id AND l.source = 'allowance' AND l.period_start = new.period_start
               ) ELSE 0 END AS granted,
               nextval('credits_lot_id_seq') AS lot_id,
               nextval('credits_entry_id_seq') AS grant_id,
               ledger_month_key(new.wallet_id, new.starts, '8') AS grant_key,
               CASE WHEN dead.amount > 0 THEN nextval('credits_entry_id_seq') END AS expire_id,
               CASE WHEN dead.amount > 0 THEN ledger_month_key(new.wallet_id, new.starts, '9') END AS expire_key
        FROM new
        CROSS JOIN LATERAL (
            SELECT sum(remaining)::bigint AS amount, array_agg(id) AS lots, array_agg(remaining) AS parts
            FROM credits_lot l
            WHERE l.wallet_id = new.wallet_id AND l.remaining > 0
              AND l.expires_at <= at AND l.expires_at >= coalesce(new.period_end, '-infinity')
        ) dead
    ), expired AS MATERIALIZED (
        SELECT s.*,
               CASE WHEN gone IS NULL THEN head ELSE sha256(head || ledger_entry_text(
                   wallet_id, seq + 1, 'expire', -gone, 0, balance - gone, held, moment,
                   expire_key, NULL, NULL, '', NULL, p_actor, 'Not used in time')) END AS expire_hash,
               seq + CASE WHEN gone IS NULL THEN 1 ELSE 2 END AS grant_seq,
               balance - coalesce(gone, 0) + granted AS balance_after
        FROM step s
    ), written AS MATERIALIZED (
        SELECT x.*, sha256(expire_hash || ledger_entry_text(
                   wallet_id, grant_seq, 'grant', granted, 0, balance_after, held, moment,
                   grant_key, NULL, lot_id, reference_kind, reference_id, p_actor, description)) AS grant_hash
        FROM expired x
    ), lots AS (
        INSERT INTO credits_lot (id, wallet_id, granted, remaining, expires_at, period_start, created_at, source_key, source)
        SELECT lot_id, wallet_id, granted, granted, ends, starts, moment, grant_key, 'allowance' FROM written
    ), entries AS (
        INSERT INTO credits_entry (id, wallet_id, seq, kind, amount, held_change, balance_after, held_after, created_at,
                                   lot_id, key, reference_kind, reference_id, actor_id, description, hash)
        SELECT expire_id, wallet_id, seq + 1, 'expire', -gone, 0, balance - gone, held, moment,
               NULL, expire_key, '', NULL, p_actor, 'Not used in time', expire_hash
        FROM written WHERE gone > 0
        UNION ALL
        SELECT grant_id, wallet_id, grant_seq, 'grant', granted, 0, balance_after, held, moment,
               lot_id, grant_key, reference_kind, reference_id, p_actor, description, grant_hash
        FROM written
    ), movements AS (
        INSERT INTO credits_lotmovement (entry_id, lot_id, amount)
        SELECT expire_id, unnest(lots), -unnest(parts) FROM written
    ), emptied AS (
        UPDATE credits_lot l SET remaining = 0 FROM (SELECT unnest(lots) AS id FROM written) d WHERE l.id = d.id
    ), wallets AS (
        UPDATE credits_wallet w
        SET available = balance_after - x.held, used = 0, seq = grant_seq, head = grant_hash,
            allowance = granted, period_start = starts, period_end = ends
        FROM written x WHERE w.id = x.wallet_id
    ), next AS (
        UPDATE credits_monthlyallowance a
        SET due_at = CASE WHEN d.until IS NULL OR d.ends < d.until THEN d.ends END
        FROM due d WHERE a.wallet_id = d.wallet_id
    )
    SELECT count(*) INTO begun FROM written;
    RETURN begun;
END;
$$;
