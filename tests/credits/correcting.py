"""Movements by hand, as operators ask for them."""

from credits import corrections
from credits.models import Correction
from tests.credits.books import fresh_key

REASON = "Goodwill for the outage"
Kind = Correction.Kind


def ask(wallet, actor, *, credits=50, kind=Kind.GRANT, reason=REASON, key=None, **more):
    """Ask for a movement on `wallet`."""
    return corrections.ask(
        wallet=wallet,
        kind=kind,
        credits=credits,
        reason=reason,
        actor=actor,
        key=key or fresh_key("ask"),
        **more,
    )
