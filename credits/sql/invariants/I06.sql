-- an unresolved hold has no outflow
SELECT h.wallet_id, format('hold %s is open and has a %s', h.id, e.kind)
FROM credits_hold h
JOIN credits_entry e ON e.hold_id = h.id AND e.kind <> 'hold'
WHERE h.resolved_at IS NULL
