"""A comparison as a page shows it, and the choice among its changes as a form sends it."""

from collections.abc import Collection
from typing import Any

from django.http import Http404, HttpRequest

from objects import diff_layout
from objects.history import Comparison


def laid_out(
    found: Comparison, *, sides: bool = False, accepted: Collection[int] | None = None
) -> dict[str, Any]:
    """Return the rows of a comparison, and which of its changes are kept; at first all of them."""
    rows = diff_layout.rows(found.diff) if sides else diff_layout.inline_rows(found.diff)
    offered = [change.number for change in found.diff.changes]
    kept = [number for number in offered if accepted is None or number in accepted]
    return {"rows": diff_layout.fold(rows), "offered": len(offered), "kept": kept}


def accepted_of(request: HttpRequest) -> set[int]:
    """Return the numbers of the changes that a form keeps; 404 for what is no number."""
    return {number_of(raw) for raw in request.POST.getlist("keep")}


def number_of(raw: str | None) -> int:
    """Return a number that a form or an address holds; 404 for what is none."""
    if not raw or not raw.isascii() or not raw.isdigit() or len(raw) > 9:
        raise Http404
    return int(raw)
