"""Where a user stands with their plan: what it costs, until when, what follows, and what is wrong."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from accounts.models import User
from billing.entitlements import Entitlements, entitlements_of
from billing.models import Price, StripeSubscription, Subscription
from config.common.clock import now


class State(StrEnum):
    """How a plan stands, in the order of what matters most about it."""

    FREE = "free"
    GIVEN = "given"
    PAST_DUE = "past_due"
    ENDING = "ending"
    ENDED = "ended"
    TRIALING = "trialing"
    ACTIVE = "active"


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """A user's plan with what is behind it. `paid` is the one subscription that is live at Stripe, if any."""

    mine: Entitlements
    paid: StripeSubscription | None

    @property
    def state(self) -> State:
        """How it stands. One who pays may be given a greater plan meanwhile: then that is what they have."""
        if self.mine.source == Subscription.Source.COMP:
            return State.GIVEN
        if self.paid is None:
            return State.ENDED if self.mine.source == Subscription.Source.PAID else State.FREE
        if self.paid.past_due_since is not None:
            return State.PAST_DUE
        if self.paid.cancel_at is not None:
            return State.ENDING
        return State.TRIALING if self.paid.status == "trialing" else State.ACTIVE

    @property
    def price(self) -> Price | None:
        """What is paid, and how often; None where nothing is."""
        return self.paid.price if self.paid else None

    @property
    def interval(self) -> str:
        """How often they pay, by the month where they do not: what a choice that names none goes by."""
        return self.price.interval if self.price else Price.Interval.MONTH

    @property
    def paid_plan(self) -> str:
        """The code of the plan that is paid for; empty where none is."""
        return self.paid.price.terms.plan.code if self.paid else ""

    @property
    def next_price(self) -> Price | None:
        """What begins by itself at `next_at`: a smaller plan, or another interval."""
        return self.paid.next_price if self.paid else None

    @property
    def renews_at(self) -> datetime | None:
        """When the next payment is due; None where none will be."""
        if self.paid is None or self.paid.cancel_at is not None or self.paid.past_due_since is not None:
            return None
        return self.paid.period_end

    @property
    def renewal_cents(self) -> int | None:
        """What the next payment will be, before discounts and tax; None where none will be."""
        price = self.next_price or self.price
        return price.amount_cents if price and self.renews_at else None

    @property
    def works_until(self) -> datetime | None:
        """When the plan ends by itself unless something is done; None where it goes on."""
        if self.state in (State.PAST_DUE, State.ENDING, State.ENDED, State.GIVEN):
            return self.mine.ends_at
        return None

    @property
    def has_lapsed(self) -> bool:
        """Whether the time that was paid for is over with its grace, while Stripe still tries to be paid."""
        return self.state == State.PAST_DUE and self.mine.source != Subscription.Source.PAID

    @property
    def can_cancel(self) -> bool:
        """Whether there is a subscription that would otherwise be paid again."""
        return self.paid is not None and self.paid.cancel_at is None


def membership_of(user: User) -> Membership:
    """Return where `user` stands, in two queries. Refused (`subscription_inactive`) without a catalogue."""
    live = StripeSubscription.objects.live().filter(user=user)
    paid = live.select_related("price__terms__plan", "next_price__terms__plan").first()
    if paid is not None and paid.cancel_at is not None and paid.cancel_at <= now():
        paid = None  # over by its own day, whether Stripe has told so yet or not
    return Membership(mine=entitlements_of(user), paid=paid)
