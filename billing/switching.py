"""The steps of which every change of a user's plan is made."""

from datetime import datetime

from accounts.models import User
from billing import allowances, entitlements
from billing.models import PlanTerms, Subscription
from billing.signals import plan_changed
from config.common.errors import Conflict


def lock(user: User) -> None:
    """Let one change of a user's plan happen at a time, until the end of the transaction."""
    User.objects.select_for_update(no_key=True).only("pk").get(pk=user.pk)


def current(user: User) -> Subscription | None:
    """Return what `user` is on, whether its time is over or not."""
    found = Subscription.objects.current().filter(user=user)
    return found.select_related("terms__plan", "stripe", "user").first()


def free(*, user: User, terms: PlanTerms, at: datetime) -> Subscription:
    """Return a new subscription to the free plan's `terms`, not saved."""
    return Subscription(
        user=user,
        terms=terms,
        source=Subscription.Source.FREE,
        allowance=allowances.first_state(terms),
        started_at=at,
    )


def end(
    subscription: Subscription, *, at: datetime, actor: User | None = None, reason: str = ""
) -> Subscription:
    """End it at `at`, at the end it had if that came before; return it. Clocks may differ by a little."""
    subscription.ended_at = max(subscription.started_at, min(at, subscription.ends_at or at))
    subscription.end_actor, subscription.end_reason = actor, reason
    subscription.save(update_fields=["ended_at", "end_actor", "end_reason"])
    return subscription


def fall_back(
    old: Subscription, *, at: datetime, actor: User | None = None, reason: str = ""
) -> Subscription:
    """End `old` and put its user back on the free plan, with the terms and first credits they had there.

    The free credits come again with their next month: at the end of the one that was granted last.
    """
    end(old, at=at, actor=actor, reason=reason)
    before = old.user.subscriptions.filter(source=Subscription.Source.FREE).order_by("-started_at").first()
    terms = before.terms if before else PlanTerms.objects.free()
    if terms is None:
        raise Conflict("There is no free plan to fall back to. Load a catalogue that has one.")
    new = free(user=old.user, terms=terms, at=old.ended_at or at)
    if before is not None:
        new.allowance, new.network = before.allowance, before.network
    new.save()
    allowances.follow(subscription=new)
    announce(old.user, old=old, new=new)
    return new


def announce(user: User, *, old: Subscription | None, new: Subscription) -> None:
    """Tell the apps above that `user` is on other terms now."""
    entitlements.forget(user)
    plan_changed.send(sender=Subscription, user=user, old=old.terms if old else None, new=new.terms)
