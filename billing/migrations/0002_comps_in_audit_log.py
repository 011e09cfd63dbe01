"""Plans that operators gave before there was an audit log are written into it, as they were given."""

from django.db import migrations

WRITE = """
INSERT INTO accounts_auditentry (at, actor_id, act, subject_kind, subject_id, user_id, before, after, reason)
SELECT s.started_at, s.actor_id, 'plan.comped', 'subscription', s.id::text, s.user_id, '{}',
       jsonb_build_object('plan', t.name || ', version ' || t.version, 'until', s.ends_at), s.reason
FROM billing_subscription s JOIN billing_planterms t ON t.id = s.terms_id
WHERE s.source = 'comp' ORDER BY s.started_at
"""


class Migration(migrations.Migration):
    dependencies = [("billing", "0001_plans_and_subscriptions"), ("accounts", "0004_audit_log")]

    operations = [migrations.RunSQL(WRITE, migrations.RunSQL.noop)]
