"""The invariants of plans, proved with those of the ledger."""

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
)
