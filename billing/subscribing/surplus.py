"""A subscription that was bought beside another that is live: cancelled at once, its payments given back."""

from contextlib import suppress

from django.db.models import Exists, OuterRef, QuerySet, Value
from django.db.models.functions import Concat

from billing import notices
from billing.models import Payment, StripeRequest, StripeSubscription
from billing.models.stripe_subscription import LIVE
from billing.ringing import ring_after_commit
from billing.stripe import gateway
from billing.stripe.errors import StripeRefused

_CANCEL = "cancel-surplus:"
_REFUND = "refund-surplus:"


def is_second(row: StripeSubscription) -> bool:
    """Tell whether another subscription of the same user is live: who came first stays."""
    if not row.is_live or row.user is None:
        return False
    return StripeSubscription.objects.live().filter(user=row.user).exclude(pk=row.pk).exists()


def undo(row: StripeSubscription) -> None:
    """Have a surplus subscription cancelled and its payments given back after the commit; tell its user."""
    notices.surplus_undone(row)
    if row.is_live or _held().filter(subscription=row).exists():
        ring_after_commit("undo_surplus", row.pk)


def unfinished() -> set[str]:
    """Return the ids of surplus subscriptions that are still live, or whose payments are still held."""
    live = StripeSubscription.objects.filter(is_surplus=True, status__in=LIVE)
    holding = _held().filter(subscription__is_surplus=True)
    return {*live.values_list("pk", flat=True), *holding.values_list("subscription__pk", flat=True)}


def carry_out(subscription_id: str) -> None:
    """Cancel it and give back what was paid for it. Outside any transaction; safe to repeat."""
    row = (
        StripeSubscription.objects.filter(pk=subscription_id, is_surplus=True).select_related("user").first()
    )
    if row is None:
        return
    if row.is_live:
        _cancel(row)
    for payment in _held().filter(subscription=row):
        gateway.request(
            operation="refund.create",
            key=f"{_REFUND}{payment.invoice_id}",
            parameters={"payment_intent": payment.payment_intent_id, "reason": "duplicate"},
            user=row.user,
        )


def _cancel(row: StripeSubscription) -> None:
    from billing.stripe import mirror  # it is what calls this module's callers

    with suppress(StripeRefused):  # somebody else has cancelled it: what Stripe says of it is what counts
        gateway.request(
            operation="subscription.cancel",
            key=f"{_CANCEL}{row.pk}",
            target=row.pk,
            parameters={"prorate": False, "invoice_now": False},
            user=row.user,
        )
    mirror.refresh(row.pk)


def _held() -> QuerySet[Payment]:
    """Return the payments of which no refund as surplus was made, or refused by Stripe."""
    settled = StripeRequest.objects.exclude(state=StripeRequest.State.PENDING)
    return Payment.objects.exclude(payment_intent_id="").filter(
        ~Exists(settled.filter(key=Concat(Value(_REFUND), OuterRef("invoice_id"))))
    )
