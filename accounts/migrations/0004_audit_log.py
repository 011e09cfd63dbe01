"""The audit log, and the guard that keeps it as it was written."""

import django.contrib.postgres.indexes
from django.db import migrations, models

from accounts.sql import install


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_preferences_by_channel"),
    ]

    operations = [
        migrations.CreateModel(
            name="AuditEntry",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("actor_id", models.UUIDField(null=True)),
                ("act", models.CharField(max_length=40)),
                ("subject_kind", models.CharField(max_length=40)),
                ("subject_id", models.CharField(max_length=40)),
                ("user_id", models.UUIDField(null=True)),
                ("before", models.JSONField(default=dict)),
                ("after", models.JSONField(default=dict)),
                ("reason", models.CharField(max_length=500)),
                ("address", models.GenericIPAddressField(null=True)),
            ],
            options={
                "verbose_name": "audit entry",
                "verbose_name_plural": "audit log",
                "indexes": [
                    models.Index(fields=["subject_kind", "subject_id"], name="accounts_audit_subject"),
                    models.Index(fields=["user_id", "-id"], name="accounts_audit_user"),
                    models.Index(fields=["actor_id", "-id"], name="accounts_audit_actor"),
                    django.contrib.postgres.indexes.BrinIndex(fields=["at"], name="accounts_audit_at"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True),
                        name="accounts_auditentry_reason_given",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("act", ""), _negated=True), name="accounts_auditentry_act_named"
                    ),
                ],
            },
        ),
        install(
            "audit",
            undo="""
            DROP TRIGGER accounts_auditentry_append_only ON accounts_auditentry;
            DROP FUNCTION audit_refuse();
            """,
        ),
    ]
