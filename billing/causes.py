"""What the ledger calls the movements that payments, refunds and disputes cause."""

from collections.abc import Collection
from uuid import UUID

from django.urls import reverse

from accounts.models import User
from billing.amounts import dollars
from billing.models import Payment, Reversal
from credits.causes import Cause

_WORDS = {Reversal.Kind.REFUND: "refunded", Reversal.Kind.DISPUTE: "disputed"}


def describe_payments(user: User, ids: Collection[UUID]) -> dict[UUID, Cause]:
    """Name the user's own payments among `ids`."""
    mine = Payment.objects.filter(user=user, pk__in=ids).values_list("pk", "amount_cents")
    return {payment_id: _cause(f"{dollars(cents)} paid") for payment_id, cents in mine}


def describe_reversals(user: User, ids: Collection[UUID]) -> dict[UUID, Cause]:
    """Name the refunds and disputes of the user's own payments among `ids`."""
    mine = Reversal.objects.filter(payment__user=user, reference__in=ids)
    return {
        reference: _cause(f"{dollars(cents)} {_WORDS[Reversal.Kind(kind)]}")
        for reference, kind, cents in mine.values_list("reference", "kind", "amount_cents")
    }


def _cause(label: str) -> Cause:
    return Cause(label=label, url=reverse("billing:overview"))
