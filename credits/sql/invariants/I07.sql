-- what a wallet holds equals its open holds
SELECT w.id, format('held %s, open holds %s', w.held, h.total)
FROM credits_wallet w
CROSS JOIN LATERAL (
    SELECT coalesce(sum(amount), 0) AS total FROM credits_hold WHERE wallet_id = w.id AND resolved_at IS NULL
) h
WHERE w.held <> h.total
