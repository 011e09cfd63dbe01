"""What a user pays for now, and what that lets them do next."""

from accounts.models import User
from billing.models import Price, StripeSubscription
from billing.stripe import mirror
from config.common.errors import Conflict, Invalid
from config.common.figures import day

_NOT_SOLD = "This plan is not sold, or not by that interval. Choose another."


class AlreadySubscribed(Conflict):
    """A second subscription would be paid for twice; `details` say what there is: it is to be changed."""

    code = "already_subscribed"


class NotSubscribed(Conflict):
    """There is nothing to change or end: no plan is paid for."""

    code = "not_subscribed"


class PaymentDue(Conflict):
    """An invoice is open: it is to be paid before anything is changed."""

    code = "payment_due"


def price_on_sale(*, plan: str, interval: str) -> Price:
    """Return today's price of a plan by its code; Invalid where it cannot be bought so."""
    on_sale = Price.objects.filter(
        terms__plan__code=plan, terms__plan__is_offered=True, terms__is_current=True, interval=interval
    )
    price = on_sale.exclude(stripe_id=None).select_related("terms__plan").first()
    if price is None:
        raise Invalid(_NOT_SOLD, details={"fields": {"plan": [_NOT_SOLD]}})
    return price


def live_of(user: User) -> StripeSubscription | None:
    """Return the subscription that Stripe charges `user` for, as far as is known here."""
    live = StripeSubscription.objects.live().filter(user=user)
    return live.select_related("price__terms__plan", "next_price__terms__plan").first()


def refuse_subscriber(user: User) -> None:
    """Return where `user` may subscribe; else AlreadySubscribed or PaymentDue, saying what to do instead."""
    live = live_of(user)
    if live is None:
        return
    name = live.price.terms.name
    if live.past_due_since is not None:
        raise _due(live)
    if live.cancel_at is not None:
        message = f"You have {name} until {day(live.cancel_at)}, and have cancelled it. Keep it instead."
    else:
        message = f"You have {name} already. Change it instead: what you have paid for is taken into account."
    raise AlreadySubscribed(message, details=_details(live))


def subscription_to_change(user: User) -> StripeSubscription:
    """Return the live subscription of `user` as Stripe has it now; NotSubscribed for none.

    Stripe is asked, outside any transaction: what is decided is decided on what is so.
    """
    live = live_of(user)
    if live is not None:
        mirror.refresh(live.pk)
        live = live_of(user)
    if live is None:
        raise NotSubscribed("You have no plan that is paid for. Choose one first.")
    return live


def refuse_debtor(live: StripeSubscription) -> None:
    """Return where nothing is due on `live`; else PaymentDue."""
    if live.past_due_since is not None or live.status in ("past_due", "unpaid"):
        raise _due(live)


def _due(live: StripeSubscription) -> PaymentDue:
    return PaymentDue(
        f"The last payment for {live.price.terms.name} did not go through. Pay it first, or use another "
        "card.",
        details=_details(live),
    )


def _details(live: StripeSubscription) -> dict[str, str | None]:
    return {
        "plan": live.price.terms.plan.code,
        "interval": live.price.interval,
        "cancel_at": live.cancel_at.isoformat() if live.cancel_at else None,
    }
