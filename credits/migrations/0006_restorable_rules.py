"""The rows' rules find what they call under an empty search path too: so a dump's rows pass them when restored."""

from django.db import migrations

from credits.sql import source


class Migration(migrations.Migration):
    dependencies = [
        ("credits", "0005_monthly_resets"),
    ]

    operations = [
        migrations.RunSQL(
            source("rules").replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"), migrations.RunSQL.noop
        ),
    ]
