-- The rules of single rows, one function for each busy table, called by its CHECK constraint (credits/models/rules.py
-- says why). A function names the first rule that the row breaks; the error carries that name as its constraint.
-- They call it by its schema: a dump is restored with an empty search path, row by row through these checks.
CREATE FUNCTION ledger_refuse_row(broken text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    RAISE EXCEPTION 'the row breaks "%"', broken USING ERRCODE = 'check_violation', CONSTRAINT = broken;
END;
$$;

CREATE FUNCTION ledger_wallet_sound(
    available bigint, held bigint, allowance bigint,
    period_start timestamptz, period_end timestamptz, parked_at timestamptz, parked_reason text
) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    broken CONSTANT text := CASE
        WHEN available < 0 OR held < 0 OR allowance < 0
            THEN 'credits_wallet_never_negative'
        WHEN (period_start IS NULL) <> (period_end IS NULL) OR period_end <= period_start
            THEN 'credits_wallet_period_whole'
        WHEN (parked_at IS NULL) <> (parked_reason = '')
            THEN 'credits_wallet_parked_with_reason'
    END;
BEGIN
    RETURN broken IS NULL OR public.ledger_refuse_row(broken);
END;
$$;

CREATE FUNCTION ledger_lot_sound(
    granted bigint, remaining bigint, source text, period_start timestamptz, expires_at timestamptz
) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    broken CONSTANT text := CASE
        WHEN granted <= 0
            THEN 'credits_lot_granted_positive'
        WHEN remaining < 0 OR remaining > granted
            THEN 'credits_lot_remaining_within_grant'
        WHEN source NOT IN ('allowance', 'purchase', 'bonus', 'refund', 'adjustment')
            THEN 'credits_lot_source_known'
        WHEN (source = 'allowance') <> (period_start IS NOT NULL) OR coalesce(expires_at <= period_start, false)
             OR source = 'allowance' AND expires_at IS NULL
            THEN 'credits_lot_allowance_has_period'
    END;
BEGIN
    RETURN broken IS NULL OR public.ledger_refuse_row(broken);
END;
$$;

CREATE FUNCTION ledger_hold_sound(amount bigint, settled bigint, resolved_at timestamptz, refunded bigint)
RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    broken CONSTANT text := CASE
        WHEN amount <= 0
            THEN 'credits_hold_amount_positive'
        WHEN settled < 0 OR settled > amount
            THEN 'credits_hold_settled_within_amount'
        WHEN (settled IS NULL) <> (resolved_at IS NULL)
            THEN 'credits_hold_resolved_with_amount'
        WHEN refunded < 0 OR refunded > coalesce(settled, 0)
            THEN 'credits_hold_refunded_within_settled'
    END;
BEGIN
    RETURN broken IS NULL OR public.ledger_refuse_row(broken);
END;
$$;

-- A grant, a refund and a restoration add, a hold and its resolution move between free and held, a settlement, an expiry
-- and a clawback take.
CREATE FUNCTION ledger_entry_sound(
    seq bigint, kind text, amount bigint, held_change bigint, balance_after bigint, held_after bigint,
    hold_id bigint, lot_id bigint
) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    broken CONSTANT text := CASE
        WHEN seq <= 0
            THEN 'credits_entry_seq_positive'
        WHEN held_after < 0 OR balance_after < held_after
            THEN 'credits_entry_never_negative'
        WHEN NOT CASE kind
                WHEN 'hold' THEN amount = 0 AND held_change > 0 AND hold_id IS NOT NULL
                WHEN 'settle' THEN amount <= 0 AND held_change < 0 AND hold_id IS NOT NULL
                WHEN 'release' THEN amount = 0 AND held_change < 0 AND hold_id IS NOT NULL
                WHEN 'grant' THEN amount > 0 AND held_change = 0 AND lot_id IS NOT NULL
                WHEN 'refund' THEN amount > 0 AND held_change = 0 AND hold_id IS NOT NULL
                WHEN 'expire' THEN amount < 0 AND held_change = 0
                WHEN 'adjust' THEN amount <> 0 AND held_change = 0
                WHEN 'clawback' THEN amount < 0 AND held_change = 0
                WHEN 'restore' THEN amount > 0 AND held_change = 0
                ELSE false
             END
            THEN 'credits_entry_kind_moves_its_way'
    END;
BEGIN
    RETURN broken IS NULL OR public.ledger_refuse_row(broken);
END;
$$;
