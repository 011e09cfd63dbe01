-- each entry continues the one before it: number, balance, held and hash; the wallet stands at the last one
WITH chain AS (
    SELECT e.*, e.hash = sha256(lag(e.hash, 1, decode(repeat('00', 32), 'hex')) OVER line || ledger_entry_bytes(e)) AS whole,
           lag(e.seq, 1, 0::bigint) OVER line AS last_seq,
           lag(e.balance_after, 1, 0::bigint) OVER line AS last_balance,
           lag(e.held_after, 1, 0::bigint) OVER line AS last_held
    FROM credits_entry e
    WINDOW line AS (PARTITION BY e.wallet_id ORDER BY e.seq)
)
SELECT wallet_id, format('entry %s does not continue entry %s', seq, last_seq)
FROM chain
WHERE seq <> last_seq + 1 OR balance_after <> last_balance + amount OR held_after <> last_held + held_change
UNION ALL
SELECT wallet_id, format('the hash of entry %s does not fit', seq) FROM chain WHERE NOT whole
UNION ALL
SELECT w.id, format('the wallet stands at entry %s, its journal ends with %s', w.seq, coalesce(e.seq, 0))
FROM credits_wallet w
LEFT JOIN LATERAL (SELECT * FROM credits_entry WHERE wallet_id = w.id ORDER BY seq DESC LIMIT 1) e ON true
WHERE w.seq <> coalesce(e.seq, 0) OR w.held <> coalesce(e.held_after, 0)
   OR w.available + w.held <> coalesce(e.balance_after, 0)
   OR w.head <> coalesce(e.hash, decode(repeat('00', 32), 'hex'))
