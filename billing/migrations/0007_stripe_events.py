"""Stripe's events, the tickets of what is fetched for them, and comparing ourselves with Stripe."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0006_product_pack_or_service"),
    ]

    operations = [
        migrations.RunSQL(
            "CREATE SEQUENCE billing_stripe_ticket_seq", "DROP SEQUENCE billing_stripe_ticket_seq"
        ),
        migrations.CreateModel(
            name="Reconciliation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("events", "events, every hour"), ("objects", "objects, every day")],
                        max_length=8,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("running", "running"), ("done", "done"), ("failed", "failed")],
                        default="running",
                        max_length=8,
                    ),
                ),
                ("since", models.DateTimeField(help_text="From when on Stripe was asked.")),
                ("started_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                (
                    "compared",
                    models.PositiveIntegerField(
                        default=0, help_text="How many events or objects were looked at."
                    ),
                ),
                ("error", models.TextField(blank=True)),
            ],
            options={
                "ordering": ["-started_at"],
                "indexes": [models.Index(fields=["kind", "-started_at"], name="billing_reconciliation_kind")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["events", "objects"])),
                        name="billing_reconciliation_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("finished_at__isnull", True), ("state", "running")),
                            models.Q(("finished_at__isnull", False), ("state__in", ["done", "failed"])),
                            _connector="OR",
                        ),
                        name="billing_reconciliation_ends_at_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("since__lte", models.F("started_at"))),
                        name="billing_reconciliation_looks_back",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="StripeTicket",
            fields=[
                (
                    "object_id",
                    models.CharField(editable=False, max_length=255, primary_key=True, serialize=False),
                ),
                ("ticket", models.BigIntegerField()),
                ("applied_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ticket__gt", 0)), name="billing_stripeticket_from_one"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="WebhookEvent",
            fields=[
                ("id", models.CharField(editable=False, max_length=255, primary_key=True, serialize=False)),
                ("type", models.CharField(max_length=100)),
                ("object_id", models.CharField(blank=True, max_length=255)),
                ("created", models.DateTimeField(help_text="When it happened, as Stripe says.")),
                ("livemode", models.BooleanField()),
                ("body", models.JSONField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting"),
                            ("applied", "applied"),
                            ("ignored", "ignored: of no meaning here"),
                            ("failed", "failed: every attempt"),
                        ],
                        max_length=8,
                    ),
                ),
                ("attempts", models.PositiveIntegerField(default=0)),
                (
                    "next_attempt_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="When it is tried next; while a worker is at it, when that worker counts as lost.",
                        null=True,
                    ),
                ),
                ("is_at_work", models.BooleanField(default=False)),
                ("error", models.TextField(blank=True, help_text="How the last attempt failed.")),
                ("received_at", models.DateTimeField()),
                ("applied_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["-received_at"],
                "indexes": [
                    models.Index(fields=["-received_at"], name="billing_event_received"),
                    models.Index(fields=["created"], name="billing_event_created"),
                    models.Index(fields=["object_id"], name="billing_event_object"),
                    models.Index(
                        condition=models.Q(("state", "waiting")),
                        fields=["next_attempt_at"],
                        name="billing_event_waiting",
                    ),
                    models.Index(
                        condition=models.Q(("state__in", ["waiting", "failed"])),
                        fields=["received_at"],
                        name="billing_event_unapplied",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["waiting", "applied", "ignored", "failed"])),
                        name="billing_webhookevent_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("next_attempt_at__isnull", False), ("state", "waiting")),
                            models.Q(
                                models.Q(("state", "waiting"), _negated=True),
                                ("next_attempt_at__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="billing_webhookevent_waits_for_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("is_at_work", False), ("state", "waiting"), _connector="OR"),
                        name="billing_webhookevent_waits_at_work",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("applied_at__isnull", False), ("state", "applied")),
                            models.Q(
                                models.Q(("state", "applied"), _negated=True), ("applied_at__isnull", True)
                            ),
                            _connector="OR",
                        ),
                        name="billing_webhookevent_applied_at_a_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Difference",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("what", models.CharField(help_text="What kind of thing it is.", max_length=40)),
                ("object_id", models.CharField(max_length=255)),
                ("ours", models.CharField(help_text="What stood here.", max_length=300)),
                ("theirs", models.CharField(help_text="What stands at Stripe.", max_length=300)),
                ("is_repaired", models.BooleanField()),
                ("error", models.TextField(blank=True, help_text="Why it could not be put right.")),
                (
                    "reconciliation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="differences",
                        to="billing.reconciliation",
                    ),
                ),
            ],
            options={
                "ordering": ["-reconciliation_id", "id"],
                "indexes": [models.Index(fields=["object_id"], name="billing_difference_object")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("reconciliation", "what", "object_id"), name="billing_difference_once_a_run"
                    )
                ],
            },
        ),
    ]
