"""Corrections by hand, their guards, and the rebuilding of what the journal says."""

import uuid

import django.db.models.deletion
import django.db.models.functions.math
import django.db.models.functions.text
import django.db.models.lookups
from django.conf import settings
from django.db import migrations, models

from credits.sql import install


class Migration(migrations.Migration):
    dependencies = [
        ("credits", "0003_usage_log"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Correction",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("grant", "Given"), ("take", "Taken"), ("refund", "Given back")],
                        max_length=6,
                    ),
                ),
                ("amount", models.BigIntegerField()),
                ("expires_at", models.DateTimeField(null=True)),
                ("reason", models.CharField(max_length=200)),
                ("limit", models.BigIntegerField()),
                ("needs_approval", models.BooleanField()),
                ("key", models.UUIDField(unique=True)),
                ("requested_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(null=True)),
                ("decision_note", models.CharField(blank=True, max_length=200)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "Waits for approval"),
                            ("applied", "Applied"),
                            ("rejected", "Rejected"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default="pending",
                        max_length=9,
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "entry",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="correction",
                        to="credits.entry",
                    ),
                ),
                (
                    "refunded_entry",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="refund_corrections",
                        to="credits.entry",
                    ),
                ),
                (
                    "requested_by",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "wallet",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="corrections",
                        to="credits.wallet",
                    ),
                ),
            ],
            options={
                "permissions": [
                    ("approve_correction", "Can approve or reject what another operator asked for")
                ],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "pending")),
                        fields=["requested_at"],
                        name="credits_correction_pending",
                    ),
                    models.Index(fields=["requested_by", "requested_at"], name="credits_correction_operator"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("amount__gt", 0), ("kind__in", ["grant", "refund"])),
                            models.Q(("amount__lt", 0), ("kind", "take")),
                            _connector="OR",
                        ),
                        name="credits_correction_amount_goes_its_way",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "refund"), ("refunded_entry__isnull", False)),
                            models.Q(("kind__in", ["grant", "take"]), ("refunded_entry__isnull", True)),
                            _connector="OR",
                        ),
                        name="credits_correction_refund_names_its_entry",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("expires_at__isnull", True),
                            models.Q(("expires_at__gt", models.F("requested_at")), ("kind", "grant")),
                            _connector="OR",
                        ),
                        name="credits_correction_only_grants_expire",
                    ),
                    models.CheckConstraint(
                        condition=django.db.models.lookups.GreaterThanOrEqual(
                            django.db.models.functions.text.Length(
                                django.db.models.functions.text.Trim("reason")
                            ),
                            10,
                        ),
                        name="credits_correction_reason_given",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("requested_by__isnull", False)),
                        name="credits_correction_requester_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("needs_approval", True),
                            django.db.models.lookups.LessThanOrEqual(
                                django.db.models.functions.math.Abs("amount"), models.F("limit")
                            ),
                            _connector="OR",
                        ),
                        name="credits_correction_limit_kept",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("decided_at__isnull", True),
                                ("needs_approval", True),
                                ("state", "pending"),
                                ("decided_by__isnull", True),
                            ),
                            models.Q(
                                ("decided_at__isnull", False),
                                ("needs_approval", False),
                                ("state", "applied"),
                                ("decided_by__isnull", True),
                            ),
                            models.Q(
                                ("decided_at__isnull", False),
                                ("needs_approval", True),
                                ("state__in", ["applied", "rejected"]),
                                ("decided_by__isnull", False),
                                models.Q(("decided_by", models.F("requested_by")), _negated=True),
                            ),
                            models.Q(
                                ("decided_at__isnull", False),
                                ("needs_approval", True),
                                ("state", "withdrawn"),
                                ("decided_by", models.F("requested_by")),
                            ),
                            _connector="OR",
                        ),
                        name="credits_correction_second_person_decides",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("entry__isnull", False), ("state", "applied")),
                            models.Q(models.Q(("state", "applied"), _negated=True), ("entry__isnull", True)),
                            _connector="OR",
                        ),
                        name="credits_correction_applied_by_an_entry",
                    ),
                ],
            },
        ),
        install(
            "corrections",
            undo="""
            DROP TRIGGER credits_correction_decided_once ON credits_correction;
            DROP TRIGGER credits_correction_fixed ON credits_correction;
            DROP TRIGGER credits_correction_kept ON credits_correction;
            """,
        ),
        install("rebuild", undo="DROP FUNCTION ledger_rebuild(bigint)"),
    ]
