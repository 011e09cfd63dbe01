-- one allowance lot per wallet and period, and the wallet shows the newest
SELECT wallet_id, format('%s allowances for the period from %s', count(*), period_start)
FROM credits_lot WHERE source = 'allowance'
GROUP BY wallet_id, period_start HAVING count(*) > 1
UNION ALL
SELECT w.id, format('the wallet shows %s from %s, its newest allowance is %s from %s',
                    w.allowance, w.period_start, l.granted, l.period_start)
FROM credits_wallet w
LEFT JOIN LATERAL (
    SELECT * FROM credits_lot WHERE wallet_id = w.id AND source = 'allowance' ORDER BY id DESC LIMIT 1
) l ON true
WHERE (w.allowance, w.period_start, w.period_end) IS DISTINCT FROM (coalesce(l.granted, 0), l.period_start, l.expires_at)
UNION ALL
SELECT w.id, format('the wallet shows %s used since its allowance, the journal %s', w.used, coalesce(s.total, 0))
FROM credits_wallet w
LEFT JOIN (
    SELECT e.wallet_id, -sum(e.amount) AS total
    FROM credits_entry e
    LEFT JOIN (
        SELECT g.wallet_id, max(g.seq) AS seq
        FROM credits_entry g JOIN credits_lot l ON l.id = g.lot_id
        WHERE g.kind = 'grant' AND l.source = 'allowance'
        GROUP BY g.wallet_id
    ) began USING (wallet_id)
    WHERE e.kind IN ('settle', 'refund') AND e.seq > coalesce(began.seq, 0)
    GROUP BY e.wallet_id
) s ON s.wallet_id = w.id
WHERE w.used <> coalesce(s.total, 0)
