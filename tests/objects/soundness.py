"""Asks whether documents and their versions agree."""

from credits.verification import breaks
from objects.verification import INVARIANTS


def broken() -> list[str]:
    """Return what is wrong with any document; nothing when all is well."""
    return [str(place) for invariant in INVARIANTS for place in breaks(invariant)]
