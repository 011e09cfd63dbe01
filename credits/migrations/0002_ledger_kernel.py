"""The ledger's functions, its append-only guards and the room its rows need."""

from django.db import migrations

from credits.sql import install

MOVEMENT = """
DROP FUNCTION ledger_moved(credits_entry, boolean);
DROP FUNCTION ledger_refusal(text, bigint);
DROP FUNCTION ledger_entry_bytes(credits_entry);
DROP TYPE ledger_movement;
"""
SETTLE = """
DROP FUNCTION ledger_release(bigint, uuid, text);
DROP FUNCTION ledger_settle(bigint, bigint, uuid, text, text);
"""
GUARDS = """
DROP TRIGGER credits_hold_resolved_once ON credits_hold;
DROP TRIGGER credits_hold_fixed ON credits_hold;
DROP TRIGGER credits_lot_fixed ON credits_lot;
DROP TRIGGER credits_hold_kept ON credits_hold;
DROP TRIGGER credits_lot_kept ON credits_lot;
DROP TRIGGER credits_wallet_kept ON credits_wallet;
DROP TRIGGER credits_lotmovement_append_only ON credits_lotmovement;
DROP TRIGGER credits_holddraw_append_only ON credits_holddraw;
DROP TRIGGER credits_entry_append_only ON credits_entry;
DROP FUNCTION ledger_refuse();
"""
STORAGE = """
ALTER TABLE credits_wallet RESET (fillfactor);
ALTER TABLE credits_lot RESET (fillfactor);
"""


class Migration(migrations.Migration):
    dependencies = [("credits", "0001_ledger_tables")]

    operations = [
        install("storage", undo=STORAGE),
        install("movement", undo=MOVEMENT),
        install("write", undo="DROP FUNCTION ledger_write(credits_wallet, credits_entry)"),
        install("open_wallet", undo="DROP FUNCTION ledger_open_wallet(uuid)"),
        install("grant", undo="DROP FUNCTION ledger_grant"),
        install("burn", undo="DROP FUNCTION ledger_burn"),
        install("hold", undo="DROP FUNCTION ledger_hold"),
        install("settle", undo=SETTLE),
        install("refund", undo="DROP FUNCTION ledger_refund"),
        install("expire", undo="DROP FUNCTION ledger_expire"),
        install("adjust", undo="DROP FUNCTION ledger_adjust"),
        install("guards", undo=GUARDS),
    ]
