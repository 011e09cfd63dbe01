-- Open the wallet of an account, or find the one it has. Returns its id.
CREATE FUNCTION ledger_open_wallet(p_owner uuid) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    found_id bigint;
BEGIN
    INSERT INTO credits_wallet (owner_id, available, held, allowance, used, seq, head, opened_at, parked_reason)
    VALUES (p_owner, 0, 0, 0, 0, 0, decode(repeat('00', 32), 'hex'), clock_timestamp(), '')
    ON CONFLICT (owner_id) DO NOTHING
    RETURNING id INTO found_id;
    IF found_id IS NULL THEN
        SELECT id INTO found_id FROM credits_wallet WHERE owner_id = p_owner;
    END IF;
    RETURN found_id;
END;
$$;
