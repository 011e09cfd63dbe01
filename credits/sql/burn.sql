-- Which live lots give `p_amount`, in burn order: soonest to expire first, then allowance before everything else,
-- then the oldest. `short` is what they could not give. Takes nothing: the caller, who holds the wallet's lock, does.
CREATE FUNCTION ledger_burn(
    p_wallet bigint, p_amount bigint, p_at timestamptz, OUT lots bigint[], OUT parts bigint[], OUT short bigint
)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    l record;
    part bigint;
BEGIN
    short := p_amount;
    FOR l IN
        SELECT id, remaining FROM credits_lot
        WHERE wallet_id = p_wallet AND remaining > 0 AND (expires_at IS NULL OR expires_at > p_at)
        ORDER BY expires_at NULLS LAST, source <> 'allowance', id
    LOOP
        part := least(l.remaining, short);
        lots := lots || l.id;
        parts := parts || part;
        short := short - part;
        EXIT WHEN short = 0;
    END LOOP;
END;
$$;
