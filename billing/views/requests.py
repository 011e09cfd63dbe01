"""What the pages of billing read from a request: who asks, what was chosen, and which attempt it is."""

from typing import cast
from uuid import uuid4

from django.http import HttpRequest

from accounts.models import User
from billing.models import Price
from billing.subscribing.membership import Membership

_LONGEST_ATTEMPT = 64


def reader(request: HttpRequest) -> User:
    """Return the signed-in user of a page that asks for one."""
    return cast(User, request.user)


def interval_of(request: HttpRequest, member: Membership | None = None) -> str:
    """Return the interval that was asked for, "month" or "year"; else the one that `member` pays by."""
    asked = request.POST.get("interval") or request.GET.get("interval") or ""
    if asked in Price.Interval.values:
        return asked
    return member.interval if member else Price.Interval.MONTH


def attempt_key(request: HttpRequest, *what: str) -> str:
    """Return the key under which services shall act: the same for a form sent twice, about the same `what`.

    The form carries a number of its own in `attempt`; without one every request is an attempt of its own.
    """
    attempt = request.POST.get("attempt", "")[:_LONGEST_ATTEMPT] or uuid4().hex
    return ":".join(("page", str(request.user.pk), attempt, *what))
