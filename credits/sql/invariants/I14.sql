-- usage counters equal the usage log
SELECT w.id, format('%s since %s: counter %s, log %s', m.metric, m.period_start, m.counted, m.logged)
FROM (
    SELECT user_id, metric, period_start, coalesce(c.quantity, 0) AS counted, coalesce(u.quantity, 0) AS logged
    FROM credits_usagecounter c
    FULL JOIN (
        SELECT user_id, metric, period_start, sum(quantity) AS quantity
        FROM credits_usagerecord WHERE user_id IS NOT NULL
        GROUP BY user_id, metric, period_start
    ) u USING (user_id, metric, period_start)
) m
LEFT JOIN credits_wallet w ON w.owner_id = m.user_id
WHERE m.counted <> m.logged
