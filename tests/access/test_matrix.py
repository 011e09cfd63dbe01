"""D01, D04: every route, every method, everybody: nobody reaches what is not theirs.

The cells come from the resolver, what to expect in them from `routes`; a route without a row fails. A method
that a row does not name is refused by the view, whoever asks: nobody tries it, and who may do most at the route.
"""

from collections.abc import Sequence
from copy import deepcopy

from django.db import transaction

from tests.access.asking import address, ask
from tests.access.estate import Estate, Visitor, give_passkey
from tests.access.routes import (
    API,
    LIBRARIES,
    OWNED,
    PAGES,
    PROVEN,
    PUBLIC,
    STAFF,
    Route,
    Row,
    routes,
    row_of,
)
from tests.support import broker

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def test_every_route_has_a_row_and_every_row_a_route() -> None:
    found = routes()
    assert [route.name for route in found if row_of(route) is None] == []
    pages = {route.name for route in found if not (route.is_admin or route.is_api)}
    assert {*PAGES, *LIBRARIES} - pages == set()
    assert set(API) - {route.name for route in found if route.is_api} == set()


def test_nobody_reaches_what_is_not_theirs(everybody: list[Visitor], hers: Estate) -> None:
    wrong, cells = [], 0
    for route in (found for found in routes() if not found.is_admin):
        row, url = row_of(route), address(route, hers)
        assert row is not None
        for visitor in everybody:
            if row.access == PUBLIC:
                broker.forget(cache_only=True)  # sign-in and its like are limited
            for method in _methods(route, row, visitor):
                code = _try(visitor, route, row, method, url, hers)
                cells += 1
                if not _is_right(visitor, route, row, method, code):
                    wrong.append(f"{visitor.name}: {method} {url} ({row.access}): {code}")
    print(cells, "cells")
    assert wrong == []


def _methods(route: Route, row: Row, visitor: Visitor) -> Sequence[str]:
    """The methods to try; what allauth does with those that it does not speak of is its own affair."""
    most = "staff with MFA" if row.access == STAFF else "alice"
    if route.name in LIBRARIES or visitor.name not in ("nobody", most):
        return row.methods.split()
    return METHODS


def _try(visitor: Visitor, route: Route, row: Row, method: str, url: str, estate: Estate) -> int | str:
    """Ask, take back whatever it did, and return the code, or that the answer leads to the sign-in."""
    cookies = deepcopy(visitor.browser.cookies)
    with transaction.atomic():
        if "webauthn/keys" in route.path:
            give_passkey(estate)
        answer = ask(visitor, route, row, method, url, estate)
        transaction.set_rollback(True)
    visitor.browser.cookies = cookies
    if visitor.name != "alice" and estate.canary in getattr(answer, "text", ""):
        return "her words"
    if answer.status_code == 302 and answer.url.startswith("/accounts/login/"):
        return "sign in"
    return int(answer.status_code)


def _is_right(visitor: Visitor, route: Route, row: Row, method: str, code: int | str) -> bool:
    """Tell whether that is what the row says about such a visitor."""
    if code == 503 and route.name == "session-events":
        return visitor.name == "alice"  # the live stream is served before Django
    if code == "her words" or (isinstance(code, int) and code >= 500):
        return False
    if method not in row.methods.split() and code == 405:
        return True
    if row.access == PROVEN:
        return code == 400
    if row.access == PUBLIC:
        return route.name in LIBRARIES or code == 200 or (route.is_api and code in (401, 422))
    if not visitor.is_in:
        return code == (401 if route.is_api else "sign in")
    if row.access == STAFF and visitor.name != "staff with MFA":
        return code == 403
    if row.access == OWNED and visitor.name != "alice":
        return code == 404
    if route.name in LIBRARIES:
        return True  # what there is to see depends on the second factors that one has
    return method in row.methods.split() and code not in (401, 404, 405, "sign in")
