"""Refunds and disputes, and what becomes of the credits that came with the money."""

import uuid

import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.comparison
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0008_paid_subscriptions"),
    ]

    operations = [
        migrations.CreateModel(
            name="Reversal",
            fields=[
                ("id", models.CharField(max_length=255, primary_key=True, serialize=False)),
                (
                    "reference",
                    models.UUIDField(
                        default=uuid.uuid4,
                        editable=False,
                        help_text="By which the journal names it.",
                        unique=True,
                    ),
                ),
                (
                    "kind",
                    models.CharField(choices=[("refund", "Refund"), ("dispute", "Dispute")], max_length=7),
                ),
                ("amount_cents", models.BigIntegerField()),
                ("status", models.CharField(help_text="As Stripe calls it.", max_length=32)),
                ("happened_at", models.DateTimeField(help_text="When it began, as Stripe says.")),
                (
                    "undone_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="When the money was known to have come back, or not to have gone.",
                        null=True,
                    ),
                ),
                ("credits_due", models.BigIntegerField(default=0)),
                (
                    "credits_taken",
                    models.BigIntegerField(default=0, help_text="In all, what was restored included."),
                ),
                ("credits_restored", models.BigIntegerField(default=0)),
                (
                    "credits_gone",
                    models.BigIntegerField(default=0, help_text="Ended unused before they could be taken."),
                ),
                ("credits_forgiven", models.BigIntegerField(default=0)),
                (
                    "takings",
                    models.PositiveIntegerField(default=0, help_text="In how many steps they were taken."),
                ),
                (
                    "since_seq",
                    models.BigIntegerField(
                        default=0,
                        help_text="The wallet's newest entry when it was first told: what came later settles it.",
                    ),
                ),
                (
                    "seen_seq",
                    models.BigIntegerField(
                        default=0, help_text="The wallet's newest entry when it was last looked at."
                    ),
                ),
                (
                    "debt",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Case(
                            models.When(then=models.Value(0), undone_at__isnull=False),
                            default=django.db.models.functions.comparison.Greatest(
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        django.db.models.expressions.CombinedExpression(
                                            django.db.models.expressions.CombinedExpression(
                                                models.F("credits_due"), "-", models.F("credits_taken")
                                            ),
                                            "+",
                                            models.F("credits_restored"),
                                        ),
                                        "-",
                                        models.F("credits_gone"),
                                    ),
                                    "-",
                                    models.F("credits_forgiven"),
                                ),
                                models.Value(0),
                            ),
                            output_field=models.BigIntegerField(),
                        ),
                        output_field=models.BigIntegerField(),
                    ),
                ),
                (
                    "payment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reversals",
                        to="billing.payment",
                    ),
                ),
            ],
            options={
                "ordering": ["-happened_at"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("debt__gt", 0)), fields=["payment"], name="billing_reversal_owing"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["refund", "dispute"])),
                        name="billing_reversal_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount_cents__gt", 0)), name="billing_reversal_amount_positive"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("credits_due__gte", 0),
                            ("credits_forgiven__gte", 0),
                            ("credits_gone__gte", 0),
                            ("credits_restored__gte", 0),
                            ("credits_taken__gte", 0),
                        ),
                        name="billing_reversal_credits_not_negative",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("credits_taken__gte", models.F("credits_restored")),
                                ("undone_at__isnull", True),
                            ),
                            models.Q(
                                ("credits_taken", models.F("credits_restored")), ("undone_at__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="billing_reversal_restored_whole_when_undone",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "credits_due__gte",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("credits_taken"), "-", models.F("credits_restored")
                                ),
                            )
                        ),
                        name="billing_reversal_takes_no_more_than_due",
                    ),
                ],
            },
        ),
    ]
