"""Let no two comparisons of the same kind run at once."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0009_reversals"),
    ]

    operations = [
        migrations.AddConstraint(
            model_name="reconciliation",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "running")),
                fields=("kind",),
                name="billing_reconciliation_one_running",
            ),
        ),
    ]
