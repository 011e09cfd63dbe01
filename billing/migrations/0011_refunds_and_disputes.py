"""Refunds and disputes under their name."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0010_one_comparison_at_a_time"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="reversal",
            options={
                "ordering": ["-happened_at"],
                "verbose_name": "refund or dispute",
                "verbose_name_plural": "refunds and disputes",
            },
        ),
    ]
