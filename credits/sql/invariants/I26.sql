-- no expired lot is still spendable after the sweep, which has an hour
SELECT l.wallet_id, format('lot %s expired %s and has %s left', l.id, l.expires_at, l.remaining)
FROM credits_lot l
WHERE l.remaining > 0 AND l.expires_at < now() - interval '1 hour'
  AND NOT EXISTS (
      SELECT FROM credits_holddraw d JOIN credits_hold h ON h.id = d.hold_id
      WHERE d.lot_id = l.id AND h.resolved_at > now() - interval '1 hour'
  )
