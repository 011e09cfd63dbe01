"""Months by the clock: what each wallet gets, where its months are counted from, and the reset of many at once."""

import django.db.models.deletion
from django.db import migrations, models

from credits.sql import install

MONTHS = """
DROP FUNCTION ledger_month_of(timestamptz, timestamptz);
DROP FUNCTION ledger_month_start(timestamptz, integer);
"""
ENTRY_TEXT = """
CREATE OR REPLACE FUNCTION ledger_entry_bytes(e credits_entry) RETURNS bytea
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT convert_to(format('1|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s',
        e.wallet_id, e.seq, e.kind, e.amount, e.held_change, e.balance_after, e.held_after,
        (extract(epoch FROM e.created_at) * 1000000)::bigint,
        e.key, e.hold_id, e.lot_id, e.reference_kind, e.reference_id, e.actor_id, e.description), 'UTF8');
$$;
DROP FUNCTION ledger_entry_text;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("credits", "0004_corrections"),
    ]

    operations = [
        migrations.AddField(
            model_name="wallet",
            name="anchor",
            field=models.DateTimeField(null=True),
        ),
        migrations.AlterField(
            model_name="lot",
            name="wallet",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="lots",
                to="credits.wallet",
            ),
        ),
        migrations.AlterField(
            model_name="lotmovement",
            name="entry",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="movements",
                to="credits.entry",
            ),
        ),
        migrations.AlterField(
            model_name="lotmovement",
            name="lot",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="movements",
                to="credits.lot",
            ),
        ),
        migrations.CreateModel(
            name="MonthlyAllowance",
            fields=[
                (
                    "wallet",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="monthly_allowance",
                        serialize=False,
                        to="credits.wallet",
                    ),
                ),
                ("amount", models.BigIntegerField()),
                ("rollover_cap", models.BigIntegerField()),
                ("until", models.DateTimeField(null=True)),
                ("due_at", models.DateTimeField(null=True)),
                ("reference_kind", models.CharField(max_length=20)),
                ("reference_id", models.UUIDField()),
                ("description", models.CharField(max_length=200)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("due_at__isnull", False)),
                        fields=["due_at"],
                        name="credits_monthlyallowance_due",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("amount__gt", 0), ("rollover_cap__gte", 0)),
                        name="credits_monthlyallowance_amounts_sound",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("until__isnull", True),
                            ("due_at__isnull", True),
                            ("due_at__lt", models.F("until")),
                            _connector="OR",
                        ),
                        name="credits_monthlyallowance_due_before_its_end",
                    ),
                ],
            },
        ),
        migrations.RunSQL(
            # A month empties all lots of a page at once, and gives all its rows their next day.
            """
            ALTER TABLE credits_monthlyallowance SET (fillfactor = 50);
            ALTER TABLE credits_lot SET (fillfactor = 50);
            """,
            """
            ALTER TABLE credits_lot SET (fillfactor = 70);
            ALTER TABLE credits_monthlyallowance RESET (fillfactor);
            """,
        ),
        install("months", undo=MONTHS),
        install("key", undo="DROP FUNCTION ledger_month_key(bigint, timestamptz, text)"),
        install("entry_text", undo=ENTRY_TEXT),
        install("reset", undo="DROP FUNCTION ledger_reset"),
    ]
