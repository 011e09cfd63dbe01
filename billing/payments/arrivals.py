"""Whether what was bought at a checkout has arrived: by what Stripe has told, never by the way back."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.models import User
from billing.models import Payment, StripeRequest, StripeSubscription
from billing.payments.fulfilment import pages_of
from config.common.clock import now

LATE = timedelta(seconds=60)
"""After so long the page says that it may take longer, and stops asking so often."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """What became of one checkout. `name` and `credits` are empty until it has arrived."""

    session: str
    asked_at: datetime
    has_arrived: bool
    is_plan: bool
    name: str = ""
    credits: int = 0
    trial_end: datetime | None = None
    page: str = ""
    """Where a service that was bought is carried out."""

    @property
    def is_late(self) -> bool:
        """Whether it should have arrived by now."""
        return not self.has_arrived and now() > self.asked_at + LATE


def arrival_of(user: User, *, session: str) -> Arrival | None:
    """Return what became of the checkout `session` of `user`; None where they began no such one."""
    asked = StripeRequest.objects.filter(
        user=user, operation="checkout.session.create", result_id=session
    ).first()
    if asked is None:
        return None
    is_plan = asked.parameters.get("mode") == "subscription"
    return _plan(user, asked) if is_plan else _product(asked)


def _plan(user: User, asked: StripeRequest) -> Arrival:
    entitling = StripeSubscription.objects.live().filter(user=user, paid_until__isnull=False)
    found = entitling.select_related("price__terms").first()
    if found is None:
        return Arrival(session=asked.result_id, asked_at=asked.created_at, has_arrived=False, is_plan=True)
    terms, is_trial = found.price.terms, found.status == "trialing"
    return Arrival(
        session=asked.result_id,
        asked_at=asked.created_at,
        has_arrived=True,
        is_plan=True,
        name=terms.name,
        credits=(terms.trial_credits if is_trial else terms.credits_per_month) or 0,
        trial_end=found.trial_end if is_trial else None,
    )


def _product(asked: StripeRequest) -> Arrival:
    payment = Payment.objects.filter(checkout_id=asked.result_id).select_related("product").first()
    pages = pages_of([payment]) if payment else {}
    return Arrival(
        session=asked.result_id,
        asked_at=asked.created_at,
        has_arrived=payment is not None,
        is_plan=False,
        name=payment.product.name if payment and payment.product else "",
        credits=payment.credits if payment else 0,
        page=pages.get(payment.pk, "") if payment else "",
    )
