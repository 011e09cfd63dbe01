"""Trials: once per person, with the credits that the plan's trial brings."""

from accounts.models import User
from billing import persons
from billing.models import StripeSubscription, Trial
from billing.subscribing import entitling
from config.common.clock import now
from credits import ledger
from credits.ledger import Reference
from credits.models import Source


def may_have_one(user: User) -> bool:
    """Tell whether `user` has had no trial, under this account or another."""
    return not Trial.objects.filter(person=persons.person(user.email)).exists()


def begin(stripe: StripeSubscription) -> int:
    """Grant the credits of a trial that runs, once to a person, until it ends; return how many it was."""
    subscription = entitling.in_force(stripe)
    if stripe.status != "trialing" or subscription is None or stripe.trial_end is None:
        return 0
    terms = stripe.price.terms
    _, is_first = Trial.objects.get_or_create(
        person=persons.person(subscription.user.email),
        defaults={"credits": terms.trial_credits, "started_at": stripe.started_at},
    )
    if not is_first or terms.trial_credits == 0 or stripe.trial_end <= now():
        return 0
    ledger.grant(
        wallet_id=subscription.user.wallet.pk,
        amount=terms.trial_credits,
        source=Source.BONUS,
        key=f"trial:{stripe.pk}",
        expires_at=stripe.trial_end,
        reference=Reference("subscription", subscription.pk),
        description=f"{terms.name}, credits of the trial",
    )
    return terms.trial_credits
