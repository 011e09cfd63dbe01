"""How a route is asked: its address filled with somebody's ids, by a page's client or a program's."""

import re
import uuid
from typing import Any

from django.urls import reverse

from accounts.notifications import Kind
from accounts.notifications.unsubscribing import token_for
from config.common import clock
from tests.access.estate import PASSKEY, Estate, Visitor
from tests.access.routes import Route, Row

_PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")


def address(route: Route, estate: Estate) -> str:
    """Return the address of `route` about what `estate` holds."""
    if route.name == route.path:
        return f"/{route.path}"
    names = _PARAMETER.findall(route.path)
    return reverse(route.name, kwargs={name: _value(route, name, estate) for name in names})


def _value(route: Route, name: str, estate: Estate) -> Any:
    if name == "pk" and "webauthn" in route.path:
        return PASSKEY
    if name == "pk" and "keys/" in route.path:
        return estate.key.pk
    if name == "pk":
        kind = route.path.removeprefix("api/v1/").split("/")[0]
        if "restore" in route.path and kind == "documents" and "versions" not in route.path:
            return estate.trashed.pk
        if "orders/" in route.path:
            return estate.order.pk
        return {
            "admin": estate.owner,
            "projects": estate.project,
            "documents": estate.document,
            "objects": estate.document,
            "sessions": estate.session,
            "avatars": estate.avatar,
            "settings": estate.avatar,
            "users": estate.notice,
            "notifications": estate.notice,
        }[kind].pk
    return {
        "number": 1,
        "place": 1,
        "month": f"{clock.now():%Y-%m}",
        "turn": estate.turn.pk,
        "verb": "stop",
        "key": "unknown",
        "token": token_for(user=estate.owner, kind=Kind.RUN_FINISHED),
        "uidb36": "1",
        "endpoint": uuid.UUID(int=1),
    }[name]


def ask(visitor: Visitor, route: Route, row: Row, method: str, url: str, estate: Estate) -> Any:
    """Send one request as `visitor`, with the row's body filled with the estate's ids."""
    body = {key: _fill(value, estate) for key, value in row.body.items()}
    if method == "GET":
        query = {key: _fill(value, estate) for key, value in row.query.items()}
        return _client(visitor, route).get(url, query)
    send = getattr(_client(visitor, route), method.lower())
    if route.is_api:
        return send(url, body, headers={"If-Match": '"r1"'})
    return send(url, body) if method == "POST" else send(url)


def _client(visitor: Visitor, route: Route) -> Any:
    return visitor.program if route.is_api else visitor.browser


def _fill(value: Any, estate: Estate) -> Any:
    return value.format(**estate.names()) if isinstance(value, str) else value
