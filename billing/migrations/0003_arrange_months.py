"""Give every account that has its first credits those of each month to come, as new ones get them."""

from django.db import migrations

# A comp has begun a month of its own, at its start: the account's months are counted from there.
ANCHORS = """
UPDATE credits_wallet w SET anchor = w.period_start
FROM billing_subscription s
WHERE s.user_id = w.owner_id AND s.source = 'comp' AND s.started_at = w.period_start;
"""
ARRANGE = """
INSERT INTO credits_monthlyallowance (wallet_id, amount, rollover_cap, until, due_at,
                                      reference_kind, reference_id, description)
SELECT w.id, t.credits_per_month, c.rollover_cap, s.ends_at,
       CASE WHEN s.ends_at IS NULL OR w.period_end < s.ends_at THEN w.period_end END,
       'subscription', s.id, t.name || ', credits of the month'
FROM billing_subscription s
JOIN credits_wallet w ON w.owner_id = s.user_id
JOIN billing_planterms t ON t.id = s.terms_id
JOIN billing_catalogueversion c ON c.id = t.catalogue_id
WHERE s.ended_at IS NULL AND s.allowance = 'granted' AND t.credits_per_month IS NOT NULL;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0002_comps_in_audit_log"),
        ("credits", "0005_monthly_resets"),
    ]

    operations = [
        migrations.RunSQL(
            ANCHORS + ARRANGE,
            "DELETE FROM credits_monthlyallowance; UPDATE credits_wallet SET anchor = NULL;",
        ),
    ]
