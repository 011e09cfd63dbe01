"""System checks of the deployment, each with an id and a hint."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from accounts.notifications.webhook import is_allowed


@register(Tags.security, deploy=True)
def check_secret_key(app_configs: Any, **kwargs: Any) -> Sequence[CheckMessage]:
    """atelier.E001: a public server needs a secret key of at least 50 characters."""
    if len(settings.SECRET_KEY) >= 50:
        return []
    return [
        Error(
            "SECRET_KEY is missing or shorter than 50 characters.",
            hint="Set SECRET_KEY, or SECRET_KEY_FILE to a file that holds it.",
            id="atelier.E001",
        )
    ]


@register(Tags.security)
def check_operator_webhook(app_configs: Any, **kwargs: Any) -> Sequence[CheckMessage]:
    """atelier.E005: alerts leave this machine encrypted or not at all."""
    if not settings.OPERATOR_WEBHOOK_URL or is_allowed(settings.OPERATOR_WEBHOOK_URL):
        return []
    return [
        Error(
            "OPERATOR_WEBHOOK_URL is neither an https address nor one of this machine.",
            hint="Set it to the https address of the webhook, or leave it empty.",
            id="atelier.E005",
        )
    ]
