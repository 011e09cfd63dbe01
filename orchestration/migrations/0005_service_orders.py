"""Services that were bought: their orders, and the sessions that carry them out."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import config.common.clock


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0009_reversals"),
        ("orchestration", "0004_wait_for_another_month"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="session",
            name="service",
            field=models.CharField(
                blank=True,
                help_text="What it was bought as: the plan's limits do not bound it.",
                max_length=64,
            ),
        ),
        migrations.CreateModel(
            name="ServiceOrder",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("service", models.CharField(max_length=64)),
                (
                    "credits",
                    models.PositiveBigIntegerField(
                        help_text="What came with it; its session spends no more."
                    ),
                ),
                ("created_at", models.DateTimeField(default=config.common.clock.now)),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                ("cancelled_at", models.DateTimeField(blank=True, null=True)),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="service_orders",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "payment",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="service_order",
                        to="billing.payment",
                    ),
                ),
                (
                    "session",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="service_order",
                        to="orchestration.session",
                    ),
                ),
            ],
            options={
                "ordering": ["-created_at", "-pk"],
                "indexes": [models.Index(fields=["owner", "-created_at"], name="orchestration_order_recent")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("session", None), ("started_at__isnull", False), _connector="OR"),
                        name="orchestration_serviceorder_session_only_when_started",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("cancelled_at", None), ("started_at", None), _connector="OR"),
                        name="orchestration_serviceorder_cancelled_before_its_start",
                    ),
                ],
            },
        ),
    ]
