"""D03: nobody's ids in one's own bodies. D05: no field that a body was not meant to have."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import models as columns
from django.db import transaction

from tests.access.database import changes, fingerprint
from tests.access.estate import Estate
from tests.access.writes import API, FORMS, Write, described
from tests.support import broker
from tests.support.people import api_for, client_for

OURS = ("accounts", "credits", "billing", "objects", "orchestration")
SIGN_IN = ("auth/keys", "auth/token", "auth/token/refresh", "auth/token/revoke")
OPERATORS = ("admin/users/{id}/credits",)
"""Tried where operators are: tests/adminpanel."""
PAYING = ("billing/checkout", "billing/change/preview", "billing/change")
"""Tried where Stripe is: tests/billing/api/test_payments_api.py."""
HOSTILE = {
    columns.BooleanField: True,
    columns.IntegerField: 999_999,
    columns.DecimalField: "999999",
    columns.DateTimeField: "2001-01-01T00:00:00Z",
    columns.JSONField: {"canary": True},
}


def send(write: Write, estate: Estate, body: dict[str, Any], client: Any) -> Any:
    """Send `write` about what `estate` holds, with another body."""
    broker.forget(cache_only=True)
    headers = {"If-Match": f'"r{estate.document.revision}"'} if write.is_api else {}
    return getattr(client, write.method.lower())(write.url(estate), body, headers=headers)


def client_of(write: Write, estate: Estate) -> Any:
    """The owner's program, or the owner's browser."""
    return api_for(estate.owner) if write.is_api else client_for(estate.owner)


def test_every_operation_with_a_body_is_tried() -> None:
    told = {(operation.method, operation.path) for operation in described()}
    assert {path for _, path in told} >= set(SIGN_IN)
    assert {(write.method, _shape(write.path)) for write in API} == {
        (method, _shape(path)) for method, path in told if path not in SIGN_IN + OPERATORS + PAYING
    }


def _shape(path: str) -> str:
    """The path with all its parameters alike."""
    return "/".join("{}" if part.startswith("{") else part for part in path.split("/"))


@pytest.fixture
def ids_of_bodies() -> list[tuple[Write, tuple[str, ...]]]:
    """Every id in a body: the write, and the keys that lead to it, as the schema tells."""
    found = [
        (write, keys)
        for operation in described()
        for write in API
        if (write.method, write.path.split("/")[0]) == (operation.method, operation.path.split("/")[0])
        and write.path.count("/") == operation.path.count("/")
        for keys in operation.ids
    ]
    assert len(found) >= 8
    return found


def test_nobody_elses_id_is_taken_in_a_body(
    hers: Estate, his: Estate, ids_of_bodies: list[tuple[Write, tuple[str, ...]]]
) -> None:
    """D03, the API: each id of each body in turn is one of alice's."""
    accepted = []
    for write, keys in ids_of_bodies:
        body = write.filled(his)
        _put(body, keys, hers.names()[keys[-1]])
        before = fingerprint()
        answer = send(write, his, body, client_of(write, his))
        if answer.status_code not in (400, 404, 422) or hers.canary in answer.text or fingerprint() != before:
            accepted.append(f"{write.method} {write.path} {keys}: {answer.status_code}")
    assert accepted == []


def _put(body: Any, keys: tuple[str, ...], value: str) -> None:
    """Put `value` where `keys` lead; a list is entered at its first."""
    for key in keys[:-1]:
        body = body[key]
        body = body[0] if isinstance(body, list) else body
    body[keys[-1]] = value


def test_nobody_elses_id_is_taken_in_a_form(hers: Estate, his: Estate) -> None:
    """D03, the forms."""
    accepted = []
    for path, field, kind in (
        ("documents/new/", "project", "project"),
        ("documents/{document}/move/", "project", "project"),
        ("sessions/new/", "document", "document"),
        ("sessions/new/", "references", "reference"),
        ("sessions/{session}/rerun/", "turn", "turn"),
        ("sessions/orders/{order}/", "document", "document"),
    ):
        write = next(write for write in FORMS if write.path == path)
        before = fingerprint()
        answer = send(write, his, {**write.filled(his), field: hers.ids()[kind]}, client_of(write, his))
        if hers.canary in answer.text or fingerprint() != before:
            accepted.append(f"{path} {field}: {answer.status_code}")
    assert accepted == []


def test_a_body_with_every_field_there_is_writes_what_it_would_without(hers: Estate, his: Estate) -> None:
    """D05: owner, roles, plan, credits, status … in every body that writes; the database ends up the same."""
    extra = dict(_every_field(his))
    assert {"owner", "is_staff", "is_superuser", "available", "spent", "lock_holder", "plan", "email"} <= set(
        extra
    )
    differing, refused = [], []
    for write in [*API, *FORMS]:
        client, body = client_of(write, hers), write.filled(hers)
        plain, usual = _outcome(write, hers, body, client)
        stuffed, changed = _outcome(write, hers, {**_allowed(write, extra), **body}, client)
        if plain >= 400:
            refused.append(f"{write.method} {write.path}: {plain}")
        if (stuffed < 400 and changed != usual) or (stuffed >= 400 and changed):
            differing.append(f"{write.method} {write.path}: {stuffed} {changed} not {usual}")
    assert refused == [], "each body is accepted as it is"
    assert differing == []


def _outcome(write: Write, estate: Estate, body: dict[str, Any], client: Any) -> tuple[int, dict[str, Any]]:
    """Send, and return the code and what it changed in the database; then take it back."""
    with transaction.atomic():
        with changes() as changed:
            code = send(write, estate, body, client).status_code
        transaction.set_rollback(True)
    return code, changed


def _every_field(other: Estate) -> Iterator[tuple[str, Any]]:
    """Every column of every model of ours under both its names, with a value that nobody may choose."""
    for model in (model for name in OURS for model in apps.get_app_config(name).get_models()):
        for field in model._meta.concrete_fields:
            value = next((value for kind, value in HOSTILE.items() if isinstance(field, kind)), "enterprise")
            if field.is_relation:
                value = str(other.owner.pk)
            yield field.name, value
            yield field.attname, value


def _allowed(write: Write, extra: dict[str, Any]) -> dict[str, Any]:
    """The fields that this write has no business with."""
    own = MEANT.get(write.path, set()) | set(write.body)
    fields = {name: value for name, value in extra.items() if name not in own}
    return fields if write.is_api else {name: str(value) for name, value in fields.items()}


_OF_PROJECTS = {"title", "description", "genre", "synopsis", "default_agents"}
_OF_SESSIONS = {
    "title", "project", "document", "text", "instructions", "roles", "max_rounds", "score_threshold",
    "cap_credits", "approve_rounds", "references", "file", "settings",
}  # fmt: skip
_OF_AVATARS = {"display_name", "bio", "voice_guide"}
MEANT = {
    "users/me": {"display_name", "time_zone"},
    "users/me/preferences": {"theme"},
    "avatars": _OF_AVATARS,
    "avatars/{avatar}": _OF_AVATARS,
    "projects": _OF_PROJECTS,
    "projects/{project}": _OF_PROJECTS,
    "documents": {"title", "body", "project"},
    "documents/{document}": {"title", "body", "project", "cause"},
    "sessions": _OF_SESSIONS,
    "credits/estimate": _OF_SESSIONS,
    "settings/avatars/": _OF_AVATARS,
    "settings/avatars/new/": _OF_AVATARS,
    "settings/avatars/{avatar}/": _OF_AVATARS,
    "projects/new/": _OF_PROJECTS,
    "projects/{project}/edit/": _OF_PROJECTS,
    "documents/new/": {"file"},
    "sessions/new/": _OF_SESSIONS,
}
"""What each body may say beside what it says here; everything else is stuffed in."""
