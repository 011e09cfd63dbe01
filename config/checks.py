"""System checks of the deployment, each with an id and a hint."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register


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
