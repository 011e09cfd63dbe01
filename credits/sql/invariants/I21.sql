-- no open hold is older than the longest run, 24 hours
SELECT wallet_id, format('hold %s is open since %s', id, created_at)
FROM credits_hold
WHERE resolved_at IS NULL AND created_at < now() - interval '24 hours'
