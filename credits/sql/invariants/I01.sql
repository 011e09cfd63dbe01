-- a wallet's balance equals the sum of its entries, and of its lots' remainders and open holds
SELECT w.id, format('available %s, held %s; entries %s, lots %s, open holds %s', w.available, w.held,
                    coalesce(e.total, 0), coalesce(l.total, 0), coalesce(h.total, 0))
FROM credits_wallet w
LEFT JOIN (SELECT wallet_id, sum(amount) AS total FROM credits_entry GROUP BY wallet_id) e ON e.wallet_id = w.id
LEFT JOIN (SELECT wallet_id, sum(remaining) AS total FROM credits_lot GROUP BY wallet_id) l ON l.wallet_id = w.id
LEFT JOIN (
    SELECT wallet_id, sum(amount) AS total FROM credits_hold WHERE resolved_at IS NULL GROUP BY wallet_id
) h ON h.wallet_id = w.id
WHERE w.available + w.held <> coalesce(e.total, 0)
   OR w.available + w.held <> coalesce(l.total, 0) + coalesce(h.total, 0)
