"""Numbered pages of a list, for `components/pagination.html`."""

from typing import Any, TypeVar

from django.core.paginator import Page, Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest

M = TypeVar("M", bound=Model)


def page_of(request: HttpRequest, rows: QuerySet[M], *, size: int = 30) -> dict[str, Any]:
    """Return one page of rows and the addresses of its neighbours; `?page=` says which."""
    found: Page[M] = Paginator(rows, size).get_page(request.GET.get("page"))
    query = request.GET.copy()

    def address(number: int) -> str:
        query["page"] = str(number)
        return f"?{query.urlencode()}"

    return {
        "rows": found,
        "previous_url": address(found.previous_page_number()) if found.has_previous() else "",
        "next_url": address(found.next_page_number()) if found.has_next() else "",
        "shown": f"{found.start_index()} to {found.end_index()} of {found.paginator.count}",
    }
