-- each lot: granted = remaining + drawn − returned + expired + clawed back; each entry moved what it says
WITH draws AS (
    SELECT d.lot_id, d.amount, h.settled,
           sum(d.amount) OVER (PARTITION BY d.hold_id ORDER BY d.position) - d.amount AS before
    FROM credits_holddraw d JOIN credits_hold h ON h.id = d.hold_id
), drawn AS (
    SELECT lot_id, sum(least(amount, greatest(0, coalesce(settled, before + amount) - before))) AS total
    FROM draws GROUP BY lot_id
), moved AS (
    SELECT lot_id, sum(amount) AS total FROM credits_lotmovement GROUP BY lot_id
)
SELECT l.wallet_id, format('lot %s: granted %s, drawn %s, moved %s, remaining %s',
                           l.id, l.granted, coalesce(d.total, 0), coalesce(m.total, 0), l.remaining)
FROM credits_lot l
LEFT JOIN drawn d ON d.lot_id = l.id
LEFT JOIN moved m ON m.lot_id = l.id
WHERE l.granted - coalesce(d.total, 0) + coalesce(m.total, 0) <> l.remaining
UNION ALL
SELECT e.wallet_id, format('entry %s (%s) of %s moved %s on lots', e.seq, e.kind, e.amount, coalesce(l.granted, 0) + coalesce(m.total, 0))
FROM credits_entry e
LEFT JOIN credits_lot l ON l.id = e.lot_id
LEFT JOIN (SELECT entry_id, sum(amount) AS total FROM credits_lotmovement GROUP BY entry_id) m ON m.entry_id = e.id
WHERE e.kind IN ('grant', 'refund', 'expire', 'adjust', 'clawback', 'restore')
  AND coalesce(l.granted, 0) + coalesce(m.total, 0) <> e.amount
UNION ALL
SELECT r.wallet_id, format('entry %s gives back %s that no clawback took', r.seq, r.amount)
FROM credits_entry r
WHERE r.kind = 'restore' AND NOT EXISTS (
    SELECT FROM credits_entry c
    WHERE c.wallet_id = r.wallet_id AND c.kind = 'clawback' AND c.amount = -r.amount
      AND ledger_restore_key(c.wallet_id, c.id) = r.key
)
