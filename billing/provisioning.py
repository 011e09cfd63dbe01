"""Puts users on plans: the free one, one that an operator gives, and back."""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef

from accounts import audit
from accounts.models import User
from billing import allowances
from billing.models import Plan, PlanTerms, Subscription
from billing.subscribing import entitling, switching
from config.common.clock import now
from config.common.errors import Conflict, Invalid

_BATCH = 1_000


def open_free_subscription(*, user: User) -> Subscription | None:
    """Put a user who is on no plan on the free one; None while no catalogue is loaded: loading does it."""
    terms = PlanTerms.objects.free()
    if terms is None:
        return None
    opened = switching.free(user=user, terms=terms, at=now())
    opened.save()
    return opened


def open_missing_subscriptions() -> int:
    """Put every user who is on no plan on the free one; return how many."""
    terms = PlanTerms.objects.free()
    if terms is None:
        return 0
    opened, moment = 0, now()
    current = Subscription.objects.current().filter(user=OuterRef("pk"))
    while users := list(User.objects.filter(~Exists(current)).only("pk")[:_BATCH]):
        rows = [switching.free(user=user, terms=terms, at=moment) for user in users]
        opened += len(Subscription.objects.bulk_create(rows, ignore_conflicts=True))
    return opened


@transaction.atomic
def comp_plan(*, user: User, plan: Plan, until: datetime, actor: User, reason: str) -> Subscription:
    """Put `user` on `plan` until `until` at no price; `actor` and `reason` are kept.

    Another plan than before begins a month of its own, and that month's credits are granted at once, each
    other month's when it begins; what was left of earlier allowances stays until it expires. The same plan
    again only moves the end.
    Invalid for an empty reason, an end that has passed, or a plan that is free or no longer offered; Conflict
    for a user who pays for a plan: it would stand in for what they have paid.
    """
    switching.lock(user)
    moment = now()
    reason = reason.strip()
    terms = _terms_to_give(plan, until, reason, moment)
    old = switching.current(user)
    _refuse_payer(old, moment)
    new = Subscription(
        user=user,
        terms=terms,
        source=Subscription.Source.COMP,
        allowance=allowances.first_state(terms),
        started_at=moment,
        ends_at=until,
        actor=actor,
        reason=reason,
    )
    extends = old is not None and _is_comp_of(old, plan, moment)
    if old is not None:
        if extends:
            new.terms, new.allowance = old.terms, old.allowance
        switching.end(old, at=moment, actor=actor, reason=reason)
    new.save()
    if extends:
        allowances.follow(subscription=new)
    else:
        allowances.grant_new_month(subscription=new, actor=actor)
    audit.write(
        act="plan.comped",
        subject=new,
        user_id=user.pk,
        actor=actor,
        reason=reason,
        before={"plan": str(old.terms) if old else None},
        after={"plan": str(new.terms), "until": until.isoformat()},
    )
    switching.announce(user, old=old, new=new)
    return new


@transaction.atomic
def end_comp(*, user: User, actor: User, reason: str) -> Subscription:
    """Take `user` back to the free plan now; the credits that came with the comp stay until they expire.

    Conflict where the user is on no comped plan, Invalid for an empty reason.
    """
    switching.lock(user)
    comp = switching.current(user)
    if comp is None or comp.source != Subscription.Source.COMP:
        raise Conflict("This user is not on a plan that was given by an operator.")
    if not reason.strip():
        raise Invalid("Say why.", details={"fields": {"reason": ["Say why."]}})
    free = switching.fall_back(comp, at=now(), actor=actor, reason=reason.strip())
    audit.write(
        act="plan.comp_ended",
        subject=comp,
        user_id=user.pk,
        actor=actor,
        reason=reason.strip(),
        before={"plan": str(comp.terms)},
        after={"plan": str(free.terms)},
    )
    return free


def refuse_payer(user: User) -> None:
    """Return where `user` may be given a plan as things stand; else the Conflict that `comp_plan` raises."""
    _refuse_payer(switching.current(user), now())


def end_lapsed() -> int:
    """Take everybody whose time on a plan has run out, given or paid for, off it; return how many."""
    ended = 0
    for user_id in Subscription.objects.lapsed(now()).values_list("user_id", flat=True):
        with transaction.atomic():
            switching.lock(User(pk=user_id))
            lapsed = Subscription.objects.lapsed(now()).filter(user=user_id).select_related("user").first()
            if lapsed is not None:
                _end_lapsed(lapsed)
                ended += 1
    return ended


def _end_lapsed(lapsed: Subscription) -> None:
    if lapsed.source == Subscription.Source.PAID:
        entitling.follow_payments(user=lapsed.user)
    else:
        switching.fall_back(lapsed, at=now())


def _is_comp_of(subscription: Subscription, plan: Plan, moment: datetime) -> bool:
    """Tell whether an operator gave it, of the same plan, and it still counts."""
    return (
        subscription.source == Subscription.Source.COMP
        and subscription.terms.plan == plan
        and subscription.is_in_force(moment)
    )


def _refuse_payer(old: Subscription | None, moment: datetime) -> None:
    if old is not None and old.source == Subscription.Source.PAID and old.is_in_force(moment):
        raise Conflict(
            f"This user pays for {old.terms.name}. A plan can be given once that has ended; "
            "until then, give credits, or refund the payment.",
            details={
                "plan": old.terms.plan.code,
                "ends_at": old.ends_at.isoformat() if old.ends_at else None,
            },
        )


def _terms_to_give(plan: Plan, until: datetime, reason: str, moment: datetime) -> PlanTerms:
    """Return what `plan` is today; Invalid, with every field that is wrong, where it cannot be given so."""
    terms = PlanTerms.objects.offered().filter(plan=plan, plan__is_free=False).first()
    wrong: dict[str, list[str]] = {}
    if terms is None:
        wrong["plan"] = ["Choose a plan that is offered now and is not free."]
    if until <= moment:
        wrong["until"] = ["Choose a day that is still to come."]
    if not reason:
        wrong["reason"] = ["Say why."]
    if terms is None or wrong:
        raise Invalid("The plan was not given.", details={"fields": wrong})
    return terms
