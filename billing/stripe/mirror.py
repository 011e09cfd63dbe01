"""Brings one object from Stripe into the studio: the copy of it, and what it means here."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import Any, Protocol, get_args

from django.db import connection, transaction
from djstripe.models import Customer

from billing.models import StripeTicket
from billing.stripe import copies, gateway
from billing.stripe.kinds import Kind, kind_of, object_of
from billing.stripe.shapes import id_of
from config.common.clock import now
from config.common.errors import Missing

__all__ = ["Kind", "Meaning", "Needs", "Unmet", "draw", "kind_of", "meaning", "refresh", "take"]


class Meaning(Protocol):
    """What an object of one kind means for the studio.

    Called with the object as Stripe answered it, a plain dict, and with the moment at which it was asked for,
    inside the transaction that also keeps its copy: all of it is committed, or nothing. An object that is
    gone comes as `{"id": …, "object": …, "deleted": True}`. It is called again for every event and every
    comparison, in any order: it brings the studio to what `data` says and relies on nothing having been
    before. It never calls Stripe: what has to happen there is a StripeRequest, carried out after the commit.
    """

    def __call__(self, *, data: dict[str, Any], at: datetime) -> None:
        """Bring the studio to what `data` says. Raises `Needs` where another object must be here first."""


class Needs(Exception):
    """Raised by a meaning that cannot be told before another object is here; called again after that."""

    def __init__(self, object_id: str) -> None:
        super().__init__(object_id)
        self.object_id = object_id


class Unmet(Exception):
    """An object needs one that Stripe gave without ending the need, or that needs the object itself."""


_meanings: defaultdict[Kind, list[Meaning]] = defaultdict(list)


def meaning(kind: Kind, handler: Meaning) -> None:
    """Have `handler` called for every object of that kind, after those named before it."""
    if kind not in get_args(Kind):
        raise ValueError(f"No objects of kind {kind!r} are followed.")
    if handler not in _meanings[kind]:
        _meanings[kind].append(handler)


def refresh(object_id: str) -> bool:
    """Bring the studio to what Stripe says of an object now; False where a later look was applied already.

    Outside any transaction: Stripe is asked first, then everything is written in one. An object that is
    needed first is refreshed before. Raises what the gateway and the meanings raise, with nothing changed by
    them; ValueError for an object of a kind that is not followed.
    """
    return _refresh(object_id, before=())


def draw() -> int:
    """Return the number of a look that begins now: higher than that of any which began before."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('billing_stripe_ticket_seq')")
        return int(cursor.fetchone()[0])


def take(data: dict[str, Any], *, drawn: int) -> bool:
    """Bring in what Stripe answered to a change of ours; False where a later look was applied already.

    `drawn` is the number of the answer, drawn before the change was sent: whatever was looked at since may
    know of more, as of the customer's end.
    """
    object_id = data["id"]
    return _apply(_kind(object_id), object_id, data=data, at=now(), ticket=drawn)


def _refresh(object_id: str, *, before: Collection[str]) -> bool:
    kind = _kind(object_id)
    ticket, at = draw(), now()
    data = _fetch(kind, object_id)
    met: set[str] = set()
    while True:
        try:
            return _apply(kind, object_id, data=data, at=at, ticket=ticket)
        except Needs as need:
            if need.object_id in met or need.object_id in {object_id, *before}:
                raise Unmet(f"{object_id} needs {need.object_id}, which does not help.") from need
            _refresh(need.object_id, before=(*before, object_id))
            met.add(need.object_id)


def _fetch(kind: Kind, object_id: str) -> dict[str, Any]:
    try:
        return gateway.fetch(kind, object_id)
    except Missing:
        return {"id": object_id, "object": object_of(kind), "deleted": True}


def _kind(object_id: str) -> Kind:
    kind = kind_of(object_id)
    if kind is None:
        raise ValueError(f"{object_id!r} is no object that is followed.")
    return kind


@transaction.atomic
def _apply(kind: Kind, object_id: str, *, data: dict[str, Any], at: datetime, ticket: int) -> bool:
    _lock(id_of(data.get("customer")), object_id)
    if _is_late(object_id, ticket):
        return False
    _require_customer(data)
    copies.keep(data)
    for handler in _meanings[kind]:
        handler(data=data, at=at)
    StripeTicket.objects.update_or_create(
        object_id=object_id, defaults={"ticket": ticket, "applied_at": now()}
    )
    return True


def _lock(*object_ids: str | None) -> None:
    """Let one object be applied at a time, and one of a customer's: the copies of theirs share rows.

    Without the customer's, an invoice and its subscription would wait for each other's rows.
    """
    with connection.cursor() as cursor:
        for object_id in filter(None, object_ids):
            cursor.execute(
                "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
                [f"billing.mirror:{object_id}"],
            )


def _require_customer(data: dict[str, Any]) -> None:
    """Raise Needs where nobody has looked yet at the customer whose it is: who they are stands only there."""
    customer = id_of(data.get("customer"))
    if customer is None or Customer.objects.filter(id=customer).exclude(stripe_data={}).exists():
        return
    if not StripeTicket.objects.filter(object_id=customer).exists():
        raise Needs(customer)


def _is_late(object_id: str, ticket: int) -> bool:
    """Whether a look that began later was applied already."""
    return StripeTicket.objects.filter(object_id=object_id, ticket__gt=ticket).exists()
