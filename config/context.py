"""What every page's shell shows: wallet and what helps an empty one, projects, avatars, notices, theme."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts.services.avatars import switchable
from accounts.services.notices import unread_count
from credits.remedies import remedy_for
from credits.selectors import balance_of
from objects.models import Project

_NAMED_PROJECTS = 8


def shell(request: HttpRequest) -> dict[str, Any]:
    """Return the header's and the navigation's data, each read only if a template asks for it."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        kept = request.COOKIES.get("theme")
        return {"theme": kept if kept in ("light", "dark") else "system"}
    return {
        "nav_projects": SimpleLazyObject(
            lambda: list(
                Project.objects.visible_to(user)
                .current()
                .only("title")
                .order_by("-updated_at")[:_NAMED_PROJECTS]
            )
        ),
        "avatars": SimpleLazyObject(lambda: switchable(user)),
        "unread": SimpleLazyObject(lambda: unread_count(user)),
        "wallet": SimpleLazyObject(lambda: balance_of(user)),
        "remedy": SimpleLazyObject(lambda: remedy_for(user, allowance=balance_of(user).allowance)),
        "theme": getattr(user, "theme", "system"),
    }
