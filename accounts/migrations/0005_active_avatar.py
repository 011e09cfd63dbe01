"""A user may write as another avatar than the primary one."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_audit_log"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="active_avatar",
            field=models.ForeignKey(
                blank=True,
                help_text="Whom they write as; empty while they have only the primary one",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="accounts.avatar",
            ),
        ),
    ]
