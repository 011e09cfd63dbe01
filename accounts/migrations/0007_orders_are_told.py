"""One more kind of notice: something bought waits for its buyer."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0006_operators_are_told"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="notification",
            name="accounts_notification_known_kind",
        ),
        migrations.AddConstraint(
            model_name="notification",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "welcome",
                            "payment_succeeded",
                            "payment_failed",
                            "subscription_changed",
                            "quota_80",
                            "quota_100",
                            "credits_low",
                            "credits_adjusted",
                            "run_finished",
                            "run_paused",
                            "run_failed",
                            "export_ready",
                            "share_received",
                            "comment_mention",
                            "moderation_decision",
                            "appeal_answered",
                            "studio_needs_you",
                            "order_waits",
                        ],
                    )
                ),
                name="accounts_notification_known_kind",
            ),
        ),
    ]
