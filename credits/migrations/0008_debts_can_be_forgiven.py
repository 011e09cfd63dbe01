"""Operators may forgive what is owed, as they give credits: with a reason, and a second one above the limit."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("credits", "0007_clawbacks"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="correction",
            name="credits_correction_amount_goes_its_way",
        ),
        migrations.RemoveConstraint(
            model_name="correction",
            name="credits_correction_refund_names_its_entry",
        ),
        migrations.AlterField(
            model_name="correction",
            name="kind",
            field=models.CharField(
                choices=[
                    ("grant", "Given"),
                    ("take", "Taken"),
                    ("refund", "Given back"),
                    ("waive", "Debt forgiven"),
                ],
                max_length=6,
            ),
        ),
        migrations.AddConstraint(
            model_name="correction",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("amount__gt", 0), ("kind__in", ["grant", "refund", "waive"])),
                    models.Q(("amount__lt", 0), ("kind", "take")),
                    _connector="OR",
                ),
                name="credits_correction_amount_goes_its_way",
            ),
        ),
        migrations.AddConstraint(
            model_name="correction",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "refund"), ("refunded_entry__isnull", False)),
                    models.Q(("kind__in", ["grant", "take", "waive"]), ("refunded_entry__isnull", True)),
                    _connector="OR",
                ),
                name="credits_correction_refund_names_its_entry",
            ),
        ),
    ]
