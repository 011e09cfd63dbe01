"""The invariants of plans and of Stripe's events, proved with those of the ledger."""

from django.conf import settings

from credits.verification import Invariant

_GRACE = f"interval '{settings.BILLING_GRACE_DAYS} days'"

INVARIANTS = (
    Invariant(
        "I17",
        "the plan in force is the one that is paid for at Stripe, for as long as it is",
        f"""
        WITH entitling AS (
            SELECT DISTINCT x.user_id FROM billing_stripesubscription x
            WHERE x.user_id IS NOT NULL AND NOT x.is_surplus AND x.revoked_at IS NULL
              AND x.paid_until + {_GRACE} > statement_timestamp()
              AND NOT EXISTS (  -- had all of its time, by the clock of who ended it
                  SELECT FROM billing_subscription had
                  WHERE had.stripe_id = x.id AND had.ended_at >= x.paid_until + {_GRACE})
        ), wrong AS (
            SELECT e.user_id, 'pays and is not on a plan that is paid for' AS what
            FROM entitling e
            WHERE NOT EXISTS (
                SELECT FROM billing_subscription s
                WHERE s.user_id = e.user_id AND s.ended_at IS NULL AND s.source = 'paid')
            UNION ALL
            SELECT s.user_id, format('is on %s until %s, and %s says otherwise', plan.code, s.ends_at, x.id)
            FROM billing_subscription s
            JOIN billing_stripesubscription x ON x.id = s.stripe_id
            JOIN billing_price price ON price.id = x.price_id
            JOIN billing_planterms terms ON terms.id = s.terms_id
            JOIN billing_plan plan ON plan.id = terms.plan_id
            JOIN billing_planterms wanted ON wanted.id = price.terms_id
            JOIN billing_plan asked ON asked.id = wanted.plan_id
            WHERE s.ended_at IS NULL AND s.source = 'paid' AND (
                x.is_surplus OR x.revoked_at IS NOT NULL OR x.user_id IS DISTINCT FROM s.user_id
                OR s.ends_at IS DISTINCT FROM x.paid_until + {_GRACE}
                OR (wanted.id <> terms.id  -- a greater plan that is still to be paid is not in force yet
                    AND (x.status IN ('active', 'trialing') OR asked.rank <= plan.rank)
                    AND NOT EXISTS (  -- nor is one whose money went back
                        SELECT FROM billing_payment p
                        WHERE p.subscription_id = x.id AND p.terms_id = wanted.id
                          AND p.period_end >= x.paid_until AND p.amount_cents <= (
                              SELECT sum(r.amount_cents) FROM billing_reversal r
                              WHERE r.payment_id = p.id AND r.undone_at IS NULL
                                AND (r.kind = 'refund' OR r.status = 'lost')))))
            UNION ALL
            SELECT s.user_id, format('has a plan that was over at %s', s.ends_at)
            FROM billing_subscription s
            WHERE s.ended_at IS NULL AND s.ends_at < statement_timestamp() - interval '1 hour'
        )
        SELECT w.id, format('user %s %s', wrong.user_id, wrong.what)
        FROM wrong LEFT JOIN credits_wallet w ON w.owner_id = wrong.user_id
        """,  # noqa: S608  a number of the settings
    ),
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
        UNION ALL
        SELECT w.id, 'user ' || x.user_id || ' is charged for ' || count(*) || ' subscriptions'
        FROM billing_stripesubscription x
        LEFT JOIN credits_wallet w ON w.owner_id = x.user_id
        WHERE x.status IN ('trialing', 'active', 'past_due', 'unpaid', 'paused') AND NOT x.is_surplus
          AND x.user_id IS NOT NULL
        GROUP BY w.id, x.user_id
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
