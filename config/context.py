"""What every page's shell shows: wallet, projects, theme."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject


def shell(request: HttpRequest) -> dict[str, Any]:
    """Return the header's and the navigation's data, each read only if a template asks for it."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"theme": "system"}
    return {
        "wallet": SimpleLazyObject(lambda: getattr(user, "wallet", None)),
        "theme": getattr(user, "theme", "system"),
    }
