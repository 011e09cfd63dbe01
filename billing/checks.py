"""System checks of what payments stand on, and the refusal to start with what is not safe."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError

_KEY = re.compile(r"(sk|rk)_(test|live)_[A-Za-z0-9]{24,}")
_LONGEST_TOLERANCE = 600


@register(Tags.security)
def check_debug(app_configs: Any, **kwargs: Any) -> Sequence[CheckMessage]:
    """atelier.E002: DEBUG shows settings and texts to visitors; never beside a key that moves real money."""
    if not (settings.DEBUG and settings.STRIPE_LIVE_MODE):
        return []
    hint = "Unset DEBUG, or use a test key."
    return [Error("DEBUG is on while a live payment key is set.", hint=hint, id="atelier.E002")]


@register(Tags.security)
def check_host(app_configs: Any, **kwargs: Any) -> Sequence[CheckMessage]:
    """atelier.E003: a live key goes to Stripe's own address and to no other."""
    if not settings.STRIPE_LIVE_MODE or settings.STRIPE_API_HOST == settings.STRIPE_HOST:
        return []
    hint = "Unset STRIPE_API_HOST, or use a test key."
    return [Error("STRIPE_API_HOST is set beside a live payment key.", hint=hint, id="atelier.E003")]


@register(Tags.security)
def check_tolerance(app_configs: Any, **kwargs: Any) -> Sequence[CheckMessage]:
    """atelier.E004: how old a signed delivery may be is told in seconds, from 1 to 600."""
    found = settings.STRIPE_WEBHOOK_TOLERANCE
    if type(found) is int and 1 <= found <= _LONGEST_TOLERANCE:
        return []
    message = f"STRIPE_WEBHOOK_TOLERANCE is {found!r}."
    hint = f"It is a number of seconds from 1 to {_LONGEST_TOLERANCE}; 300 is Stripe's own."
    return [Error(message, hint=hint, id="atelier.E004")]


@register(Tags.security)
def check_key(app_configs: Any, **kwargs: Any) -> Sequence[CheckMessage]:
    """atelier.E005: the key is a secret or a restricted key of Stripe's, whole."""
    if not settings.STRIPE_SECRET_KEY or _KEY.fullmatch(settings.STRIPE_SECRET_KEY):
        return []
    hint = "Copy the whole key: sk_… or rk_…; a publishable key (pk_…) cannot do the work."
    return [Error("STRIPE_SECRET_KEY is not a key of Stripe's.", hint=hint, id="atelier.E005")]


@register(deploy=True)
def check_endpoint(app_configs: Any, **kwargs: Any) -> Sequence[CheckMessage]:
    """atelier.W006: without a webhook endpoint, what happens at Stripe is learnt hours later."""
    from billing.stripe.endpoints import is_there

    if not settings.STRIPE_SECRET_KEY or _known(is_there, True):
        return []
    hint = "Run manage.py stripe_setup."
    return [Warning("Stripe has no webhook endpoint to tell.", hint=hint, id="atelier.W006")]


@register(deploy=True)
def check_prices(app_configs: Any, **kwargs: Any) -> Sequence[CheckMessage]:
    """atelier.W007: what is on sale and unknown to Stripe cannot be bought."""
    from billing.stripe.catalogue import unsold

    names = _known(unsold, []) if settings.STRIPE_SECRET_KEY else []
    if not names:
        return []
    message = f"On sale here, and unknown to Stripe: {', '.join(names)}."
    return [Warning(message, hint="Run manage.py stripe_setup.", id="atelier.W007")]


def refuse_unsafe_settings() -> None:
    """Raise ImproperlyConfigured, before anything is served, where real money would be at risk."""
    for check in (check_debug, check_host):
        for found in check(None):
            raise ImproperlyConfigured(f"{found.msg} {found.hint}")


def _known(ask: Callable[[], Any], unknown: Any) -> Any:
    """Return the answer of the database, `unknown` where it has no tables yet."""
    try:
        return ask()
    except DatabaseError:
        return unknown
