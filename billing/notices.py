"""What a user is told of their plan and their payments, in the studio's words; each thing once."""

from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse

from accounts.models import User
from accounts.notifications import Kind
from accounts.services.notifications import notify
from billing.amounts import count, dollars
from billing.models import Payment, StripeSubscription, Subscription
from config.common.figures import day

_BEFORE_TRIAL_ENDS = timedelta(days=3, hours=1)
"""Stripe's own reminder comes three days before."""


def payment_succeeded(payment: Payment, *, invoice_url: str = "") -> None:
    """Tell the payer what was paid and what came with it."""
    name = _name(payment)
    _tell(
        payment.user,
        Kind.PAYMENT_SUCCEEDED,
        cause=f"payment:{payment.pk}",
        title=f"{dollars(payment.amount_cents)} paid for {name}",
        body=" ".join(filter(None, (_what_for(payment, name), _credits(payment)))),
        data={"amount_cents": payment.amount_cents, "credits": payment.credits, "invoice_url": invoice_url},
    )


def payment_failed(
    stripe: StripeSubscription, *, invoice_id: str, attempt: int, amount_cents: int, invoice_url: str
) -> None:
    """Tell whose payment failed what happens next, and when; once for each attempt at an invoice."""
    name, said = stripe.price.terms.name, []
    if stripe.next_attempt_at:
        said.append(f"It is tried again on {day(stripe.next_attempt_at)}.")
    else:
        said.append("It is not tried again by itself.")
    if stripe.ends_at:
        said.append(
            f"{name} stays yours until {day(stripe.ends_at)}. If nothing is paid by then, you go back to "
            "the free plan, with everything you have written."
        )
    said.append("You can pay now, or use another card.")
    _tell(
        stripe.user,
        Kind.PAYMENT_FAILED,
        cause=f"{invoice_id}:{attempt}",
        title=f"{dollars(amount_cents)} for {name} could not be paid",
        body=" ".join(said),
        data={"amount_cents": amount_cents, "attempt": attempt, "invoice_url": invoice_url},
    )


def subscription_turned(
    *, before: StripeSubscription | None, after: StripeSubscription, at: datetime
) -> None:
    """Tell what is new about a subscription: a trial, the end of one, a cancellation, its undoing."""
    _tell_of_trial(after, at)
    old = before.cancel_at if before else None
    if after.is_live and after.cancel_at and after.cancel_at != old:
        _tell_of_cancellation(after, after.cancel_at)
    elif after.is_live and after.cancel_at is None and old:
        _changed(
            after.user,
            cause=f"resumed:{after.pk}:{old.isoformat()}",
            title=f"{after.price.terms.name} goes on",
            body=f"Your cancellation is taken back. The next payment is due on {day(after.period_end)}.",
        )


def change_planned(stripe: StripeSubscription) -> None:
    """Tell of a change that comes with the end of the period."""
    if stripe.next_price is None or stripe.next_at is None:
        return
    new, old = stripe.next_price.terms.name, stripe.price.terms.name
    _changed(
        stripe.user,
        cause=f"planned:{stripe.pk}:{stripe.next_price.pk}:{stripe.next_at.isoformat()}",
        title=f"{new} begins on {day(stripe.next_at)}",
        body=f"Until then you have {old}, with all of it. What exceeds {new} afterwards is kept and can be "
        "read. You can undo the change until that day.",
    )


def plan_began(new: Subscription, *, old: Subscription) -> None:
    """Tell of the change from one plan that is paid for to another."""
    _changed(
        new.user,
        cause=f"began:{new.pk}",
        title=f"You are on {new.terms.name} now",
        body=f"It takes the place of {old.terms.name}. Your credits stay.",
    )


def plan_ended(old: Subscription, *, new: Subscription) -> None:
    """Tell whoever fell to the free plan that nothing is lost."""
    _changed(
        old.user,
        cause=f"ended:{old.pk}",
        title=f"{old.terms.name} has ended",
        body=f"You are on {new.terms.name} now. Everything you have written is kept, and so are your "
        f"credits. What exceeds {new.terms.name} can be read, and works again when you subscribe again.",
    )


def surplus_undone(stripe: StripeSubscription) -> None:
    """Tell whoever subscribed twice that the second time costs nothing."""
    _changed(
        stripe.user,
        cause=f"surplus:{stripe.pk}",
        title="A second subscription was cancelled",
        body=f"You had a subscription when another one to {stripe.price.terms.name} was bought. It is "
        "cancelled, and what was paid for it goes back to where it came from. The first one goes on.",
    )


def _tell_of_trial(stripe: StripeSubscription, at: datetime) -> None:
    if stripe.status != "trialing" or stripe.trial_end is None or stripe.cancel_at:
        return
    if stripe.trial_end - at > _BEFORE_TRIAL_ENDS:
        return
    price = stripe.price
    _changed(
        stripe.user,
        cause=f"trial:{stripe.pk}:{stripe.trial_end.isoformat()}",
        title=f"Your trial of {price.terms.name} ends on {day(stripe.trial_end)}",
        body=f"Then {dollars(price.amount_cents)} is taken for the first {price.interval}. Cancel before "
        "that day, and nothing is.",
    )


def _tell_of_cancellation(stripe: StripeSubscription, ends: datetime) -> None:
    name = stripe.price.terms.name
    _changed(
        stripe.user,
        cause=f"cancelled:{stripe.pk}:{ends.isoformat()}",
        title=f"{name} is cancelled for {day(ends)}",
        body="Until then you have all of it, and nothing more is taken. Afterwards you go back to the "
        "free plan, with everything you have written. You can undo this until that day.",
    )


def _name(payment: Payment) -> str:
    if payment.product is not None:
        return payment.product.name
    return payment.terms.name if payment.terms else ""


def _what_for(payment: Payment, name: str) -> str:
    if payment.period_end is None:
        return f"{name} is yours." if payment.product and payment.product.service else ""
    return f"{name} is paid until {day(payment.period_end)}."


def _credits(payment: Payment) -> str:
    if not payment.credits:
        return ""
    lasting = " They do not expire." if payment.product else ""
    many = "1 credit is" if payment.credits == 1 else f"{count(payment.credits)} credits are"
    return f"{many} added to your balance.{lasting}"


def _changed(user: User | None, *, cause: str, title: str, body: str) -> None:
    _tell(user, Kind.SUBSCRIPTION_CHANGED, cause=cause, title=title, body=body, data={})


def _tell(user: User | None, kind: Kind, *, cause: str, title: str, body: str, data: dict[str, Any]) -> None:
    if user is not None:
        notify(
            user=user,
            kind=kind,
            cause=cause,
            title=title,
            body=body,
            url=reverse("billing:overview"),
            data=data,
        )
