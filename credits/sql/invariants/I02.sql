-- nothing is negative
SELECT id, format('available %s, held %s, allowance %s, owed %s', available, held, allowance, owed)
FROM credits_wallet WHERE least(available, held, allowance, owed) < 0
UNION ALL
SELECT wallet_id, format('lot %s has %s left of %s', id, remaining, granted)
FROM credits_lot WHERE remaining < 0 OR remaining > granted
UNION ALL
SELECT wallet_id, format('hold %s of %s, settled %s, refunded %s', id, amount, settled, refunded)
FROM credits_hold WHERE amount <= 0 OR settled < 0 OR refunded < 0
UNION ALL
SELECT wallet_id, format('entry %s leaves balance %s, held %s', seq, balance_after, held_after)
FROM credits_entry WHERE least(balance_after, held_after, balance_after - held_after) < 0
