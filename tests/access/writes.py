"""Every request that writes from a body: by whom the studio's own forms and the API's operations are fed."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from drf_spectacular.generators import SchemaGenerator

from tests.access.estate import Estate


@dataclass(frozen=True)
class Write:
    """A request with a body that is accepted; ids in braces are filled with those of whoever sends it."""

    method: str
    path: str
    body: dict[str, Any] = field(default_factory=dict)
    is_api: bool = True

    def url(self, estate: Estate) -> str:
        """The address about what `estate` holds."""
        return ("/api/v1/" if self.is_api else "/") + self.path.format(**estate.names())

    def filled(self, estate: Estate) -> dict[str, Any]:
        """The body with the estate's ids."""
        return fill(self.body, estate.names())


def fill(value: Any, ids: dict[str, str]) -> Any:
    """Put `ids` in place of the names in braces, however deep."""
    if isinstance(value, dict):
        return {key: fill(item, ids) for key, item in value.items()}
    if isinstance(value, list):
        return [fill(item, ids) for item in value]
    return value.format(**ids) if isinstance(value, str) else value


_SESSION = {
    "title": "One",
    "document": "{document}",
    "project": "{project}",
    "roles": [{"role": "writer", "model": "house"}],
    "references": [{"document": "{reference}", "instructions": "Names"}],
    "max_rounds": 1,
}

API = [
    Write("PATCH", "users/me", {"display_name": "Ann"}),
    Write("PUT", "users/me/preferences", {"theme": "dark"}),
    Write("POST", "avatars", {"display_name": "Ann"}),
    Write("PATCH", "avatars/{avatar}", {"display_name": "Ann"}),
    Write("POST", "projects", {"title": "One"}),
    Write("PATCH", "projects/{project}", {"title": "One"}),
    Write("POST", "documents", {"title": "One", "body": "Two.", "project": "{project}"}),
    Write("PATCH", "documents/{document}", {"title": "One", "body": "Two.", "project": "{project}"}),
    Write("POST", "documents/{document}/versions/{number}/choose", {"accepted": []}),
    Write("POST", "sessions", _SESSION),
    Write("POST", "credits/estimate", _SESSION),
    Write("POST", "sessions/{session}/cap", {"cap_credits": 50}),
    Write("POST", "sessions/{session}/note", {"text": "Plainer."}),
    Write("POST", "sessions/{session}/review", {"number": "{number}", "accepted": []}),
    Write("POST", "sessions/{session}/turns/{turn}/rerun", {"model": "house"}),
    Write("POST", "orders/{order}/start", {"document": "{document}"}),
]
"""Every operation of the API that takes a body, sign-in apart; a test holds this list against the schema."""

_SEATS = ("writer", "content_expert", "style_editor", "synthesizer")
_SESSION_FORM = {
    "document": "{document}",
    "max_rounds": "1",
    "writer_in": "on",
    **{f"{seat}_model": "house" for seat in _SEATS},
}
FORMS = [
    Write("POST", "settings/", {"display_name": "Ann", "time_zone": "UTC"}, is_api=False),
    Write("POST", "settings/preferences/", {"theme": "dark", "default_max_rounds": "3"}, is_api=False),
    Write("POST", "settings/notifications/", {"saved": "1", "run_failed.email": "on"}, is_api=False),
    Write("POST", "settings/avatars/", {"display_name": "Ann"}, is_api=False),
    Write("POST", "settings/avatars/new/", {"display_name": "Ann"}, is_api=False),
    Write("POST", "settings/avatars/{avatar}/", {"display_name": "Ann"}, is_api=False),
    Write("POST", "projects/new/", {"title": "One"}, is_api=False),
    Write("POST", "projects/{project}/edit/", {"title": "One"}, is_api=False),
    Write("POST", "documents/new/", {"title": "One", "body": "Two.", "project": "{project}"}, is_api=False),
    Write(
        "POST",
        "documents/{document}/",
        {"title": "One", "body": "Two.", "revision": "{revision}"},
        is_api=False,
    ),
    Write(
        "POST",
        "documents/{document}/versions/{number}/choose/",
        {"base": "2", "revision": "{revision}"},
        is_api=False,
    ),
    Write("POST", "documents/{document}/move/", {"project": "{project}"}, is_api=False),
    Write("POST", "sessions/new/", _SESSION_FORM, is_api=False),
    Write("POST", "sessions/{session}/note/", {"text": "Plainer."}, is_api=False),
    Write(
        "POST",
        "sessions/{session}/review/",
        {"proposed": "{number}", "revision": "{revision}", "keep": "1"},
        is_api=False,
    ),
    Write("POST", "sessions/{session}/rerun/", {"turn": "{turn}", "model": "house"}, is_api=False),
    Write("POST", "sessions/orders/{order}/", {"document": "{document}"}, is_api=False),
]
"""The studio's own forms."""


@dataclass(frozen=True)
class Operation:
    """An operation of the schema that takes a body: its ids, each as the path of keys that leads to it."""

    method: str
    path: str
    ids: tuple[tuple[str, ...], ...]


def described() -> Iterator[Operation]:
    """Yield what the schema says about bodies."""
    schema = SchemaGenerator().get_schema(public=True)
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            content = operation.get("requestBody", {}).get("content", {})
            found = {ids for body in content.values() for ids in _ids(body["schema"], schema)}
            if content:
                yield Operation(method.upper(), path.removeprefix("/api/v1/"), tuple(sorted(found)))


def _ids(part: dict[str, Any], schema: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    """Yield the paths of keys that lead to ids within a body."""
    while "$ref" in part:
        part = schema["components"]["schemas"][part["$ref"].rsplit("/", 1)[1]]
    if part.get("format") == "uuid":
        yield ()
    if "items" in part:
        yield from _ids(part["items"], schema)
    for name, inner in part.get("properties", {}).items():
        for rest in _ids(inner, schema):
            yield (name, *rest)
