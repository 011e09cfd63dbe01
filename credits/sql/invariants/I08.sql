-- what was refunded is at most what was settled, for each hold and for each piece of work
SELECT h.wallet_id, format('hold %s settled %s, refunded %s, refund entries %s', h.id, h.settled, h.refunded, e.total)
FROM credits_hold h
LEFT JOIN (
    SELECT hold_id, sum(amount) AS total FROM credits_entry WHERE kind = 'refund' GROUP BY hold_id
) e ON e.hold_id = h.id
WHERE h.refunded > coalesce(h.settled, 0) OR h.refunded <> coalesce(e.total, 0)
UNION ALL
SELECT wallet_id, format('%s %s: refunded %s of %s', reference_kind, reference_id,
                         sum(amount) FILTER (WHERE kind = 'refund'), -sum(amount) FILTER (WHERE kind = 'settle'))
FROM credits_entry
WHERE reference_id IS NOT NULL AND kind IN ('settle', 'refund')
GROUP BY wallet_id, reference_kind, reference_id
HAVING sum(amount) > 0
