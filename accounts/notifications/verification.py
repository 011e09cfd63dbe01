"""What must hold of the outbox, proved together with the ledger."""

RULE = (
    "I20",
    "no notification is unsent after 5 minutes without a scheduled retry",
    """
    SELECT NULL::bigint, 'mail ' || id || ' is due since ' || date_trunc('second', next_at)
    FROM accounts_delivery
    WHERE state = 'pending' AND next_at < statement_timestamp() - interval '5 minutes'
    """,
)
"""Code, rule and query of the invariant. No wallet is at fault where a mail is late."""
