"""What a comparison writes down, and how it reads what Stripe lists."""

import traceback
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from itertools import islice

from django.db import IntegrityError, transaction

from billing.models import Difference, Reconciliation
from billing.stripe.shapes import Shape, storable

ON_ITS_WAY = timedelta(minutes=5)
"""What happened or was told so lately is no difference yet: its event is being delivered, or applied."""

PAGE = 100
"""How many objects are looked up here at once: as many as Stripe lists."""


def pages(listed: Iterator[Shape]) -> Iterator[list[Shape]]:
    """Yield what Stripe lists in portions that are looked up here at once."""
    while page := list(islice(listed, PAGE)):
        yield page


def told(error: Exception) -> str:
    """Return an error with its traceback, as it is kept."""
    return str(storable("".join(traceback.format_exception(error))))


def note(run: Reconciliation, *, ours: str, theirs: str, **fields: object) -> None:
    """Write down a difference, once: Stripe may list a thing twice where it changes meanwhile."""
    with suppress(IntegrityError), transaction.atomic():
        Difference.objects.create(reconciliation=run, ours=ours[:300], theirs=theirs[:300], **fields)
