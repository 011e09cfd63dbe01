-- The key of what the clock does to a wallet for a month: a version 8 UUID that spells both out, so that the same month
-- is the same key whoever begins it. Microseconds since 1970 (60 bits), then what it is (8: the allowance, 9: what
-- ended before it), then the wallet (60 bits). In order of time: new ones stand beside each other in every index.
CREATE FUNCTION ledger_month_key(p_wallet bigint, p_starts timestamptz, p_kind text) RETURNS uuid
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT (overlay(lpad(to_hex((date_part('epoch', p_starts) * 1000000)::bigint), 15, '0') PLACING '8' FROM 13 FOR 0)
            || p_kind || lpad(to_hex(p_wallet), 15, '0'))::uuid;
$$;
