"""The invariants of money: what it brings comes once, nothing comes without it, and goes back with it."""

from credits.verification import Invariant

_DUE = """
        WITH back AS (
            SELECT payment_id, sum(amount_cents) AS cents, sum(credits_due) AS due
            FROM billing_reversal WHERE undone_at IS NULL GROUP BY payment_id
        ), month AS (  -- the months of the subscriptions of which some money went back
            SELECT DISTINCT l.id, l.granted, l.period_start AS starts, l.created_at, s.stripe_id,
                   coalesce(t.credits_per_month, 0) AS credits
            FROM back
            JOIN billing_payment p ON p.id = back.payment_id
            JOIN credits_wallet w ON w.owner_id = p.user_id
            JOIN credits_lot l ON l.wallet_id = w.id AND l.source = 'allowance'
                AND l.period_start >= p.period_start AND l.period_start < p.period_end
            JOIN credits_entry e ON e.wallet_id = w.id AND e.key = l.source_key
            JOIN billing_subscription s ON s.id = e.reference_id AND s.stripe_id = p.subscription_id
            JOIN billing_planterms t ON t.id = s.terms_id
        ), covering AS (  -- what was paid for each, and what its plan adds to what was paid before
            SELECT m.id AS lot_id, m.created_at, p.id AS payment_id, t.credits_per_month AS credits,
                   row_number() OVER (PARTITION BY m.id ORDER BY p.period_start, p.paid_at, p.id) AS place,
                   min(p.period_start) OVER (PARTITION BY m.id, p.period_end) AS begun,
                   least(m.granted, greatest(m.credits, max(t.credits_per_month) OVER (PARTITION BY m.id)))
                       AS most
            FROM month m
            JOIN billing_payment p ON p.subscription_id = m.stripe_id
                AND p.period_start <= m.starts AND m.starts < p.period_end
            JOIN billing_planterms t ON t.id = p.terms_id
        ), newest AS (  -- where another period has begun since, the month is of that one
            SELECT *, max(begun) OVER (PARTITION BY lot_id) AS last_begun FROM covering
        ), added AS (
            SELECT lot_id, created_at, payment_id, place,
                   max(least(most, credits)) OVER (PARTITION BY lot_id ORDER BY place) AS upto
            FROM newest WHERE begun = last_begun
        ), brought AS (
            SELECT payment_id, created_at,
                   upto - coalesce(lag(upto) OVER (PARTITION BY lot_id ORDER BY place), 0) AS credits
            FROM added
            UNION ALL
            SELECT back.payment_id, e.created_at, e.amount
            FROM back JOIN credits_entry e ON e.reference_id = back.payment_id
            WHERE e.kind = 'grant' AND e.reference_kind = 'payment'
        )
        SELECT w.id, format('%s of payment %s went back, of its %s credits %s are due', back.cents, p.id,
                            b.credits, back.due)
        FROM back
        JOIN billing_payment p ON p.id = back.payment_id
        JOIN credits_wallet w ON w.owner_id = p.user_id
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(credits), 0) AS credits,
                   coalesce(sum(credits) FILTER (
                       WHERE created_at < statement_timestamp() - interval '15 minutes'), 0) AS seen,
                   least(back.cents, p.amount_cents)::numeric / p.amount_cents AS share
            FROM brought WHERE brought.payment_id = p.id
        ) b
        WHERE back.due NOT BETWEEN ceil(b.seen * b.share) AND ceil(b.credits * b.share)
"""
"""Of all that a payment brought, at once and in the months since, the share that went back is due; of what
came in the last minutes it may wait for the clock."""

PAYMENT_INVARIANTS = (
    Invariant(
        "I15",
        "each paid invoice and each paid checkout has exactly one grant",
        """
        SELECT w.id, format('payment %s of %s credits has %s grants of %s', p.id, p.credits,
                            coalesce(g.grants, 0), coalesce(g.credits, 0))
        FROM billing_payment p
        JOIN credits_wallet w ON w.owner_id = p.user_id
        LEFT JOIN (
            SELECT reference_id, count(*) AS grants, sum(amount) AS credits
            FROM credits_entry WHERE kind = 'grant' AND reference_kind = 'payment'
            GROUP BY reference_id
        ) g ON g.reference_id = p.id
        WHERE CASE
            WHEN p.credits = 0 THEN g.grants IS NOT NULL
            WHEN p.product_id IS NOT NULL THEN (g.grants, g.credits) IS DISTINCT FROM (1, p.credits)
            WHEN g.grants IS NOT NULL THEN g.grants <> 1 OR g.credits > p.credits
            ELSE NOT EXISTS (
                SELECT FROM credits_lot l
                WHERE l.wallet_id = w.id AND l.source = 'allowance'
                  AND l.period_start < p.period_end AND l.expires_at > p.period_start
            )
        END
        """,
    ),
    Invariant(
        "I16",
        "no grant without its paid invoice or checkout",
        """
        SELECT e.wallet_id, format('entry %s grants %s for payment %s, which is not there', e.seq, e.amount,
                                   e.reference_id)
        FROM credits_entry e
        WHERE e.kind = 'grant' AND e.reference_kind = 'payment'
          AND NOT EXISTS (SELECT FROM billing_payment p WHERE p.id = e.reference_id)
        UNION ALL
        SELECT l.wallet_id, format('lot %s of %s was bought with no payment', l.id, l.granted)
        FROM credits_lot l
        JOIN credits_wallet w ON w.id = l.wallet_id AND w.owner_id IS NOT NULL
        WHERE l.source = 'purchase' AND NOT EXISTS (
            SELECT FROM credits_entry e
            WHERE e.wallet_id = l.wallet_id AND e.key = l.source_key AND e.reference_kind = 'payment'
        )
        UNION ALL
        SELECT l.wallet_id, format('lot %s of %s is for the month from %s, which nobody paid for', l.id,
                                   l.granted, l.period_start)
        FROM billing_subscription s
        JOIN credits_wallet w ON w.owner_id = s.user_id
        JOIN credits_entry e ON e.wallet_id = w.id AND e.reference_id = s.id AND e.kind = 'grant'
        JOIN credits_lot l ON l.id = e.lot_id AND l.source = 'allowance'
        WHERE s.source = 'paid' AND NOT EXISTS (
            SELECT FROM billing_payment p
            WHERE p.subscription_id = s.stripe_id
              AND p.period_start <= l.period_start AND l.period_start < p.period_end
        )
        """,
    ),
    Invariant(
        "I25",
        "refunded or disputed money has no spendable credit left",
        # What is owed keeps the wallet from spending.
        f"""
        SELECT w.id, format('owes %s, its refunds and disputes say %s', w.owed, coalesce(d.debt, 0))
        FROM credits_wallet w
        LEFT JOIN (
            SELECT p.user_id, sum(r.debt) AS debt
            FROM billing_reversal r JOIN billing_payment p ON p.id = r.payment_id
            GROUP BY p.user_id
        ) d ON d.user_id = w.owner_id
        WHERE w.owner_id IS NOT NULL AND w.owed <> coalesce(d.debt, 0)
        UNION ALL
        SELECT * FROM ({_DUE}) due
        UNION ALL
        SELECT w.id, format('%s took %s and gave back %s, the journal says %s and %s', r.id,
                            r.credits_taken + r.credits_forgiven, r.credits_restored,
                            coalesce(moved.taken, 0), coalesce(moved.restored, 0))
        FROM billing_reversal r
        JOIN billing_payment p ON p.id = r.payment_id
        JOIN credits_wallet w ON w.owner_id = p.user_id
        LEFT JOIN (
            SELECT reference_id, -sum(amount) FILTER (WHERE kind = 'clawback') AS taken,
                   sum(amount) FILTER (WHERE kind = 'restore') AS restored
            FROM credits_entry WHERE kind IN ('clawback', 'restore') AND reference_kind = 'reversal'
            GROUP BY reference_id
        ) moved ON moved.reference_id = r.reference
        WHERE (r.credits_taken + r.credits_forgiven, r.credits_restored)
              IS DISTINCT FROM (coalesce(moved.taken, 0), coalesce(moved.restored, 0))
        """,  # noqa: S608  nothing of it comes from outside
    ),
)
