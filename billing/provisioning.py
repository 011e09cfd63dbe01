"""Puts users on plans, and gives them the credits that come with one."""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef

from accounts import audit
from accounts.models import User
from billing import allowances, entitlements
from billing.models import Plan, PlanTerms, Subscription
from billing.signals import plan_changed
from config.common.clock import now
from config.common.errors import Conflict, Invalid

_BATCH = 1_000


def open_free_subscription(*, user: User) -> Subscription | None:
    """Put a user who is on no plan on the free one; None while no catalogue is loaded: loading does it."""
    terms = PlanTerms.objects.free()
    return None if terms is None else Subscription.objects.create(**_free(user, terms, now()))


def open_missing_subscriptions() -> int:
    """Put every user who is on no plan on the free one; return how many."""
    terms = PlanTerms.objects.free()
    if terms is None:
        return 0
    opened, moment = 0, now()
    current = Subscription.objects.current().filter(user=OuterRef("pk"))
    while users := list(User.objects.filter(~Exists(current)).only("pk")[:_BATCH]):
        rows = [Subscription(**_free(user, terms, moment)) for user in users]
        opened += len(Subscription.objects.bulk_create(rows, ignore_conflicts=True))
    return opened


@transaction.atomic
def comp_plan(*, user: User, plan: Plan, until: datetime, actor: User, reason: str) -> Subscription:
    """Put `user` on `plan` until `until` at no price; `actor` and `reason` are kept.

    Another plan than before begins a month of its own, and that month's credits are granted at once, each
    other month's when it begins; what was left of earlier allowances stays until it expires. The same plan
    again only moves the end.
    Invalid for an empty reason, an end that has passed, or a plan that is free or no longer offered.
    """
    _lock(user)
    moment = now()
    reason = reason.strip()
    terms = _terms_to_give(plan, until, reason, moment)
    old = Subscription.objects.current().filter(user=user).select_related("terms__plan").first()
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
        _end(old, at=min(moment, old.ends_at or moment), actor=actor, reason=reason)
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
    _announce(user, old=old, new=new)
    return new


@transaction.atomic
def end_comp(*, user: User, actor: User, reason: str) -> Subscription:
    """Take `user` back to the free plan now; the credits that came with the comp stay until they expire.

    Conflict where the user is on no comped plan, Invalid for an empty reason.
    """
    _lock(user)
    comps = Subscription.objects.current().filter(user=user, source=Subscription.Source.COMP)
    comp = comps.select_related("terms__plan").first()
    if comp is None:
        raise Conflict("This user is not on a plan that was given by an operator.")
    if not reason.strip():
        raise Invalid("Say why.", details={"fields": {"reason": ["Say why."]}})
    free = _fall_back(comp, at=now(), actor=actor, reason=reason.strip())
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


def end_lapsed_comps() -> int:
    """Take everybody whose comp has run out back to the free plan; return how many."""
    ended = 0
    for user_id in Subscription.objects.lapsed(now()).values_list("user_id", flat=True):
        with transaction.atomic():
            _lock(User(pk=user_id))
            comp = Subscription.objects.lapsed(now()).filter(user=user_id).select_related("user").first()
            if comp is not None:
                _fall_back(comp, at=comp.ends_at or now(), actor=None, reason="")
                ended += 1
    return ended


def _is_comp_of(subscription: Subscription, plan: Plan, moment: datetime) -> bool:
    """Tell whether an operator gave it, of the same plan, and it still counts."""
    return (
        subscription.source == Subscription.Source.COMP
        and subscription.terms.plan == plan
        and subscription.is_in_force(moment)
    )


def _lock(user: User) -> None:
    """Let one change of a user's plan happen at a time."""
    User.objects.select_for_update(no_key=True).only("pk").get(pk=user.pk)


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


def _free(user: User, terms: PlanTerms, moment: datetime) -> dict[str, object]:
    return {
        "user": user,
        "terms": terms,
        "source": Subscription.Source.FREE,
        "allowance": allowances.first_state(terms),
        "started_at": moment,
    }


def _fall_back(comp: Subscription, *, at: datetime, actor: User | None, reason: str) -> Subscription:
    """End a comp and put its user back on the free plan, with the terms and first credits they had there.

    The free credits come again with their next month: at the end of the one that the comp granted last.
    """
    _end(comp, at=at, actor=actor, reason=reason)
    before = comp.user.subscriptions.filter(source=Subscription.Source.FREE).order_by("-started_at").first()
    terms = before.terms if before else PlanTerms.objects.free()
    if terms is None:
        raise Conflict("There is no free plan to fall back to. Load a catalogue that has one.")
    new = Subscription.objects.create(**_free(comp.user, terms, at))
    if before is not None:
        new.allowance, new.network = before.allowance, before.network
        new.save(update_fields=["allowance", "network"])
    allowances.follow(subscription=new)
    _announce(comp.user, old=comp, new=new)
    return new


def _end(subscription: Subscription, *, at: datetime, actor: User | None, reason: str) -> None:
    subscription.ended_at, subscription.end_actor, subscription.end_reason = at, actor, reason
    subscription.save(update_fields=["ended_at", "end_actor", "end_reason"])


def _announce(user: User, *, old: Subscription | None, new: Subscription) -> None:
    entitlements.forget(user)
    plan_changed.send(sender=Subscription, user=user, old=old.terms if old else None, new=new.terms)
