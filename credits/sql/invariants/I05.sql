-- a hold is entered once, and a resolution splits it exactly into settled and returned, once
SELECT h.wallet_id, format('hold %s of %s, settled %s: entered %s times for %s, resolved %s times for %s of %s',
                           h.id, h.amount, h.settled, e.entered, e.held, e.resolved, e.settled, e.freed)
FROM credits_hold h
LEFT JOIN (
    SELECT hold_id,
           count(*) FILTER (WHERE kind = 'hold') AS entered,
           sum(held_change) FILTER (WHERE kind = 'hold') AS held,
           count(*) FILTER (WHERE kind IN ('settle', 'release')) AS resolved,
           -sum(amount) FILTER (WHERE kind IN ('settle', 'release')) AS settled,
           -sum(held_change) FILTER (WHERE kind IN ('settle', 'release')) AS freed
    FROM credits_entry WHERE hold_id IS NOT NULL GROUP BY hold_id
) e ON e.hold_id = h.id
WHERE (e.entered, e.held) IS DISTINCT FROM (1, h.amount)
   OR h.settled > h.amount
   OR (h.resolved_at IS NULL) <> (h.settled IS NULL)
   OR h.resolved_at IS NOT NULL AND (e.resolved, e.settled, e.freed) IS DISTINCT FROM (1, h.settled, h.amount)
