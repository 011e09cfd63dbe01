-- The bytes of an entry that its hash covers, besides the previous hash, from its single fields: for statements that
-- write many entries at once. The description of the format is in docs/ledger.md.
CREATE FUNCTION ledger_entry_text(
    wallet bigint, seq bigint, kind text, amount bigint, held_change bigint, balance_after bigint, held_after bigint,
    created_at timestamptz, key uuid, hold bigint, lot bigint, reference_kind text, reference_id uuid, actor uuid,
    description text
) RETURNS bytea
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT convert_to(format('1|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s',
        wallet, seq, kind, amount, held_change, balance_after, held_after,
        (extract(epoch FROM created_at) * 1000000)::bigint,
        key, hold, lot, reference_kind, reference_id, actor, description), 'UTF8');
$$;

CREATE OR REPLACE FUNCTION ledger_entry_bytes(e credits_entry) RETURNS bytea
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT ledger_entry_text(e.wallet_id, e.seq, e.kind, e.amount, e.held_change, e.balance_after, e.held_after,
                             e.created_at, e.key, e.hold_id, e.lot_id, e.reference_kind, e.reference_id, e.actor_id,
                             e.description);
$$;
