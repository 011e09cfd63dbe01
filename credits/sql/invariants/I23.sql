-- no operator moves credits without a reason in the audit log, nor beyond the limit without a second person
SELECT e.wallet_id, format('entry %s (%s of %s) is not in the audit log with a reason', e.seq, e.kind, e.amount)
FROM credits_entry e
LEFT JOIN credits_correction c ON c.entry_id = e.id
WHERE e.actor_id IS NOT NULL
  AND NOT EXISTS (
      SELECT FROM accounts_auditentry a
      WHERE a.subject_kind = 'correction' AND a.subject_id = c.id::text
        AND a.act = 'credits.applied' AND btrim(a.reason) <> ''
  )
  AND NOT EXISTS (
      SELECT FROM accounts_auditentry a
      WHERE e.reference_kind = a.subject_kind AND e.reference_id::text = a.subject_id AND a.act = 'plan.comped'
        AND btrim(a.reason) <> ''
  )
UNION ALL
SELECT e.wallet_id, format('entry %s corrects by hand and gives no reason', e.seq)
FROM credits_entry e
WHERE e.kind = 'adjust' AND btrim(e.description) = ''
UNION ALL
SELECT c.wallet_id, format('correction %s of %s was applied as entry %s of %s', c.id, c.amount, e.seq, e.amount)
FROM credits_correction c
JOIN credits_entry e ON e.id = c.entry_id
WHERE (e.wallet_id, e.amount, e.actor_id, e.description)
      IS DISTINCT FROM (c.wallet_id, c.amount, c.requested_by_id, c.reason)
UNION ALL
SELECT c.wallet_id, format('correction %s of %s, ordered by %s, was decided by %s', c.id, c.amount, c.requested_by_id,
                           coalesce(c.decided_by_id::text, 'nobody else'))
FROM (
    SELECT *, sum(abs(amount)) FILTER (WHERE state = 'applied' AND NOT needs_approval) OVER (
        PARTITION BY requested_by_id ORDER BY requested_at RANGE BETWEEN interval '24 hours' PRECEDING AND CURRENT ROW
    ) AS alone
    FROM credits_correction
) c
JOIN credits_wallet w ON w.id = c.wallet_id
WHERE c.state = 'applied'
  AND CASE WHEN c.needs_approval
          THEN coalesce(c.decided_by_id IN (c.requested_by_id, w.owner_id), true)
          ELSE c.alone > c."limit" OR coalesce(c.requested_by_id = w.owner_id, false)
      END
