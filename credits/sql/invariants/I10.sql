-- one grant per source key: every lot was made by exactly one entry with its key
SELECT l.wallet_id, format('lot %s was made by %s entries', l.id, count(e.id))
FROM credits_lot l
LEFT JOIN credits_entry e ON e.lot_id = l.id AND e.key = l.source_key AND e.wallet_id = l.wallet_id
GROUP BY l.id
HAVING count(e.id) <> 1
UNION ALL
SELECT min(wallet_id), format('source key %s made %s lots', source_key, count(*))
FROM credits_lot GROUP BY source_key HAVING count(*) > 1
