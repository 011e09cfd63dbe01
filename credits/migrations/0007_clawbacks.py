"""Credits taken back when their money goes back, restored when it returns, and what a wallet owes meanwhile."""

from django.db import migrations, models

from credits.sql import install, source

CLAWBACK = """
DROP FUNCTION ledger_restore(bigint, text);
DROP FUNCTION ledger_restore_key(bigint, bigint);
DROP FUNCTION ledger_clawback;
"""


def anew(name: str) -> migrations.RunSQL:
    """Return the operation that brings the functions of `<name>.sql` up to its text."""
    return migrations.RunSQL(
        source(name).replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"), migrations.RunSQL.noop
    )


class Migration(migrations.Migration):
    dependencies = [("credits", "0006_restorable_rules")]

    operations = [
        migrations.AddField(
            model_name="wallet", name="owed", field=models.BigIntegerField(db_default=0, default=0)
        ),
        migrations.AddConstraint(
            model_name="wallet",
            constraint=models.CheckConstraint(
                condition=models.Q(("owed__gte", 0)), name="credits_wallet_owed_not_negative"
            ),
        ),
        migrations.AlterField(
            model_name="entry",
            name="kind",
            field=models.CharField(
                choices=[
                    ("grant", "Granted"),
                    ("hold", "Held"),
                    ("settle", "Spent"),
                    ("release", "Released"),
                    ("refund", "Refunded"),
                    ("expire", "Expired"),
                    ("adjust", "Adjusted"),
                    ("clawback", "Taken back"),
                    ("restore", "Restored"),
                ],
                max_length=8,
            ),
        ),
        anew("rules"),
        anew("hold"),
        install("clawback", undo=CLAWBACK),
    ]
