"""The invariants of runs, proved with those of the ledger."""

from credits.verification import Invariant

INVARIANTS = (
    Invariant(
        "I12",
        "a finished run has no open hold",
        """
        SELECT h.wallet_id,
               'session ' || s.id || ' has ended and turn ' || t.id || ' still holds ' || h.amount
        FROM orchestration_session s
        JOIN orchestration_turn t ON t.session_id = s.id
        JOIN credits_hold h ON h.reference_id = t.id AND h.reference_kind = 'turn'
        WHERE s.status IN ('completed', 'stopped', 'failed') AND h.resolved_at IS NULL
        """,
    ),
    Invariant(
        "I13",
        "settled equals metered",
        """
        SELECT w.id, 'turn ' || t.id || ' settled ' || paid.settled || ', metered ' || used.credits
               || ', records ' || t.credits
        FROM orchestration_turn t
        JOIN orchestration_session s ON s.id = t.session_id
        LEFT JOIN credits_wallet w ON w.owner_id = s.owner_id
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(settled), 0) AS settled FROM credits_hold
            WHERE reference_id = t.id AND reference_kind = 'turn'
        ) paid
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(credits), 0) AS credits FROM credits_usagerecord
            WHERE reference_id = t.id AND reference_kind = 'turn'
        ) used
        WHERE paid.settled <> used.credits OR t.credits <> used.credits
        UNION ALL
        SELECT w.id, 'session ' || s.id || ' spent ' || s.spent || ', its turns ' || total.credits
               || ', its tokens cost ' || total.due
        FROM orchestration_session s
        LEFT JOIN credits_wallet w ON w.owner_id = s.owner_id
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(credits), 0) AS credits, ceil(s.weighted_tokens / s.tokens_per_credit) AS due
            FROM orchestration_turn WHERE session_id = s.id
        ) total
        WHERE s.tokens_per_credit IS NOT NULL AND (s.spent <> total.credits OR s.spent <> total.due)
        """,
    ),
    Invariant(
        "I22",
        "no running turn with a dead lease over 2 minutes",
        """
        SELECT NULL::bigint, 'turn ' || id || ' has been without a worker since ' || lease_until
        FROM orchestration_turn
        WHERE status = 'running' AND lease_until < clock_timestamp() - interval '2 minutes'
        """,
    ),
    Invariant(
        "I24",
        "no failed run charged above its metered turns",
        """
        SELECT w.id, 'turn ' || t.id || ' came out as ' || t.outcome || ' and cost ' || t.credits
        FROM orchestration_turn t
        JOIN orchestration_session s ON s.id = t.session_id
        LEFT JOIN credits_wallet w ON w.owner_id = s.owner_id
        WHERE t.credits > 0 AND t.settled_holds <= 1 AND t.outcome IN ('failed_before_output', 'malformed')
        UNION ALL
        SELECT w.id, 'session ' || s.id || ' failed and cost ' || s.spent || ', metered ' || used.credits
        FROM orchestration_session s
        LEFT JOIN credits_wallet w ON w.owner_id = s.owner_id
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(u.credits), 0) AS credits
            FROM orchestration_turn t JOIN credits_usagerecord u ON u.reference_id = t.id
            WHERE t.session_id = s.id AND u.reference_kind = 'turn'
        ) used
        WHERE s.status = 'failed' AND s.spent > used.credits
        """,
    ),
)
