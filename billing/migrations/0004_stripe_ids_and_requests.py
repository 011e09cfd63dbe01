"""What Stripe calls our plans and prices, what is asked of it, trials, and what a service brings."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0003_arrange_months"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="StripeSetup",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("livemode", models.BooleanField(unique=True)),
                (
                    "portal_configuration",
                    models.CharField(help_text="What customers may do in the portal.", max_length=255),
                ),
                ("ran_at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "set-up at Stripe",
                "verbose_name_plural": "set-ups at Stripe",
            },
        ),
        migrations.CreateModel(
            name="StripeRequest",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "key",
                    models.CharField(
                        help_text="What it is for, in our own terms.", max_length=255, unique=True
                    ),
                ),
                ("operation", models.CharField(max_length=64)),
                (
                    "target",
                    models.CharField(blank=True, help_text="The object that it changes.", max_length=255),
                ),
                (
                    "parameters",
                    models.JSONField(
                        default=dict, help_text="Without names and addresses once it is settled."
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "outcome unknown"),
                            ("done", "done"),
                            ("refused", "refused by Stripe"),
                        ],
                        default="pending",
                        max_length=8,
                    ),
                ),
                ("result_id", models.CharField(blank=True, max_length=255)),
                ("error", models.CharField(blank=True, max_length=500)),
                (
                    "error_code",
                    models.CharField(blank=True, help_text="In Stripe's code words.", max_length=64),
                ),
                (
                    "is_declined",
                    models.BooleanField(default=False, help_text="Refused because the card was declined."),
                ),
                ("created_at", models.DateTimeField()),
                ("sent_at", models.DateTimeField(help_text="When it was last sent.")),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "verbose_name": "request to Stripe",
                "verbose_name_plural": "requests to Stripe",
                "ordering": ["-created_at"],
            },
        ),
        migrations.AddField(
            model_name="plan",
            name="stripe_id",
            field=models.CharField(
                blank=True, help_text="Its product at Stripe.", max_length=255, null=True, unique=True
            ),
        ),
        migrations.AddField(
            model_name="planterms",
            name="trial_credits",
            field=models.BigIntegerField(default=0, help_text="Once to a person, as a trial begins."),
        ),
        migrations.AddField(
            model_name="planterms",
            name="trial_days",
            field=models.PositiveSmallIntegerField(default=0, help_text="0 where the plan has no trial."),
        ),
        migrations.AddField(
            model_name="price",
            name="stripe_id",
            field=models.CharField(
                blank=True, help_text="This price at Stripe.", max_length=255, null=True, unique=True
            ),
        ),
        migrations.AddField(
            model_name="product",
            name="includes_credits",
            field=models.BigIntegerField(default=0, help_text="Credits that come with a service."),
        ),
        migrations.AddField(
            model_name="product",
            name="service",
            field=models.CharField(
                blank=True, help_text="The work that it starts; empty for a pack of credits.", max_length=64
            ),
        ),
        migrations.AddField(
            model_name="product",
            name="stripe_id",
            field=models.CharField(
                blank=True, help_text="The same product at Stripe.", max_length=255, null=True, unique=True
            ),
        ),
        migrations.AddField(
            model_name="product",
            name="stripe_price_id",
            field=models.CharField(
                blank=True, help_text="Its present price at Stripe.", max_length=255, null=True, unique=True
            ),
        ),
        migrations.AddConstraint(
            model_name="planterms",
            constraint=models.CheckConstraint(
                condition=models.Q(("trial_days__lte", 730)), name="billing_planterms_trial_at_most_two_years"
            ),
        ),
        migrations.AddConstraint(
            model_name="planterms",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("trial_credits", 0),
                    models.Q(
                        ("credits_per_month__isnull", False), ("trial_credits__gt", 0), ("trial_days__gt", 0)
                    ),
                    _connector="OR",
                ),
                name="billing_planterms_trial_credits_in_a_trial",
            ),
        ),
        migrations.AddField(
            model_name="striperequest",
            name="user",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddIndex(
            model_name="striperequest",
            index=models.Index(
                condition=models.Q(("state", "pending")),
                fields=["created_at"],
                name="billing_request_pending",
            ),
        ),
        migrations.AddConstraint(
            model_name="striperequest",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["pending", "done", "refused"])),
                name="billing_striperequest_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="striperequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("finished_at__isnull", True), ("state", "pending")),
                    models.Q(models.Q(("state", "pending"), _negated=True), ("finished_at__isnull", False)),
                    _connector="OR",
                ),
                name="billing_striperequest_finished_with_outcome",
            ),
        ),
        migrations.AddConstraint(
            model_name="striperequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "done"), _negated=True),
                    models.Q(("result_id", ""), _negated=True),
                    _connector="OR",
                ),
                name="billing_striperequest_done_has_result",
            ),
        ),
        migrations.AddConstraint(
            model_name="striperequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "refused"), _negated=True),
                    models.Q(("error", ""), _negated=True),
                    _connector="OR",
                ),
                name="billing_striperequest_refused_has_error",
            ),
        ),
    ]
