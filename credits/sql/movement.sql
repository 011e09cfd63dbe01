-- What every ledger function returns: the entry it wrote (or wrote the first time, when `replayed`),
-- or a `refusal` with nothing changed. Refusals are values, not exceptions: the caller's transaction stays usable.
CREATE TYPE ledger_movement AS (
    refusal text,
    possible bigint,      -- with a refusal: the most that would have been accepted, where that is a number
    replayed boolean,
    entry_id bigint,
    wallet_id bigint,
    seq bigint,
    kind text,
    amount bigint,
    held_change bigint,
    balance_after bigint,
    held_after bigint,
    hold_id bigint,
    lot_id bigint
);

-- The bytes of an entry that its hash covers, besides the previous hash: fields joined by "|", absent ones empty,
-- the free text last. docs/ledger.md describes it for those who verify a statement elsewhere.
CREATE FUNCTION ledger_entry_bytes(e credits_entry) RETURNS bytea
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT convert_to(format('1|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s',
        e.wallet_id, e.seq, e.kind, e.amount, e.held_change, e.balance_after, e.held_after,
        (extract(epoch FROM e.created_at) * 1000000)::bigint,
        e.key, e.hold_id, e.lot_id, e.reference_kind, e.reference_id, e.actor_id, e.description), 'UTF8');
$$;

-- A refusal as a movement.
CREATE FUNCTION ledger_refusal(p_reason text, p_possible bigint DEFAULT NULL) RETURNS ledger_movement
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT ROW(p_reason, p_possible, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)::ledger_movement;
$$;

-- An entry as a movement.
CREATE FUNCTION ledger_moved(e credits_entry, p_replayed boolean) RETURNS ledger_movement
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT ROW(NULL, NULL, p_replayed, e.id, e.wallet_id, e.seq, e.kind, e.amount, e.held_change, e.balance_after,
               e.held_after, e.hold_id, e.lot_id)::ledger_movement;
$$;
