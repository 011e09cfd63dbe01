-- nothing is drawn from an expired lot
SELECT h.wallet_id, format('hold %s of %s draws from lot %s that expired %s', h.id, h.created_at, l.id, l.expires_at)
FROM credits_holddraw d
JOIN credits_hold h ON h.id = d.hold_id
JOIN credits_lot l ON l.id = d.lot_id
WHERE l.expires_at <= h.created_at
