-- a hold's draws sum to the hold and come from its own wallet's lots
SELECT h.wallet_id, format('hold %s of %s has draws of %s', h.id, h.amount, d.total)
FROM credits_hold h
CROSS JOIN LATERAL (SELECT coalesce(sum(amount), 0) AS total FROM credits_holddraw WHERE hold_id = h.id) d
WHERE d.total <> h.amount
UNION ALL
SELECT h.wallet_id, format('hold %s draws from lot %s of wallet %s', h.id, l.id, l.wallet_id)
FROM credits_holddraw d
JOIN credits_hold h ON h.id = d.hold_id
JOIN credits_lot l ON l.id = d.lot_id
WHERE l.wallet_id <> h.wallet_id
