"""The invariants of plans and of Stripe's events, proved with those of the ledger."""

from credits.verification import Invariant

INVARIANTS = (
    Invariant(
        "I18",
        "at most one live subscription per user",
        """
        SELECT w.id, 'user ' || s.user_id || ' has ' || count(*) || ' live subscriptions'
        FROM billing_subscription s
        LEFT JOIN credits_wallet w ON w.owner_id = s.user_id
        WHERE s.ended_at IS NULL
        GROUP BY w.id, s.user_id
        HAVING count(*) > 1
        """,
    ),
    Invariant(
        "I19",
        "no event of Stripe's goes without its effect for 15 minutes",
        """
        SELECT NULL::bigint, format('%s about %s is %s since %s', e.id, e.object_id, e.state, e.received_at)
        FROM billing_webhookevent e
        WHERE e.state IN ('waiting', 'failed')
          AND e.received_at < statement_timestamp() - interval '15 minutes'
        """,
    ),
    Invariant(
        "I33",
        "what a wallet gets each month is what the plan in force says",
        """
        SELECT w.id, format('%s a month for %s, the plan in force says %s for %s',
                            a.amount, a.reference_id, s.amount, s.id)
        FROM credits_wallet w
        LEFT JOIN credits_monthlyallowance a ON a.wallet_id = w.id
        LEFT JOIN (
            SELECT s.user_id, s.id, t.credits_per_month AS amount
            FROM billing_subscription s JOIN billing_planterms t ON t.id = s.terms_id
            WHERE s.ended_at IS NULL AND s.allowance = 'granted'
        ) s ON s.user_id = w.owner_id
        WHERE w.owner_id IS NOT NULL AND (a.amount, a.reference_id) IS DISTINCT FROM (s.amount, s.id)
        """,
    ),
)
