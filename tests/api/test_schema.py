"""The API against its own schema: whatever is sent, the answer is one that the schema describes.

Bodies and parameters are drawn from the schema, valid ones and broken ones; ids are real in half of the
requests. Each request is taken back, so that every one meets the same studio.
"""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from rest_framework_simplejwt.tokens import AccessToken
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from config.common import clock
from tests.access.estate import Estate, build
from tests.orchestration.conftest import models
from tests.support import broker

__all__ = ["models"]

EXAMPLES = 8
"""Requests an operation and mode."""
LUCKS = range(20, 25)
"""Seeds: whether one of the made-up requests is right hangs on luck, so an operation gets more than one."""
DONE = {200, 201, 204}
ELSEWHERE = "/api/v1/sessions/{id}/events"
"""The live stream is served before Django."""
REFUSED = {
    "POST /api/v1/admin/users/{id}/credits",
    "POST /api/v1/auth/keys",
    "POST /api/v1/auth/token",
    "POST /api/v1/billing/cancel",
    "POST /api/v1/billing/change",
    "POST /api/v1/billing/change/preview",
    "POST /api/v1/billing/change/undo",
    "POST /api/v1/billing/checkout",
    "POST /api/v1/billing/portal",
    "POST /api/v1/billing/resume",
    "POST /api/v1/auth/token/refresh",
    "POST /api/v1/sessions/{id}/resume",
}
"""What no request of hers succeeds at: made-up ones, an operator's, another plan's; a round is approved, not
resumed; she has bought nothing."""
CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance,
]  # fmt: skip


@pytest.fixture
def _one_connection() -> Iterator[None]:
    """Keep the test's connection through requests, as Django's own client does."""
    for moment in (request_started, request_finished):
        moment.disconnect(close_old_connections)
    yield
    for moment in (request_started, request_finished):
        moment.connect(close_old_connections)


@pytest.fixture
def hers(transactional_db: None, models: Any) -> Estate:
    """A project, a document with versions, and a session that waits for review."""
    return build("alice", models)


@pytest.mark.usefixtures("_one_connection")
def test_every_answer_is_one_that_the_schema_describes(hers: Estate) -> None:
    wrong: list[str] = []
    unmet: set[str] = set()
    schema = schemathesis.openapi.from_wsgi("/api/v1/schema?format=json", get_wsgi_application())
    for result in schema.get_all_operations():
        operation = result.ok()
        if operation.path == ELSEWHERE:
            continue
        codes: set[int] = set()
        for mode, luck in [(GenerationMode.NEGATIVE, 20), *((GenerationMode.POSITIVE, n) for n in LUCKS)]:
            try:
                _drive(operation, mode, hers, codes, luck)
            except Unsatisfiable:
                assert mode == GenerationMode.NEGATIVE, "there is nothing in it that could be wrong"
            except BaseExceptionGroup as failures:
                wrong += [f"{operation.label} ({mode.value}): {each}" for each in failures.exceptions]
            if mode == GenerationMode.POSITIVE and (codes & DONE or operation.label in REFUSED):
                break
        if not codes & DONE:
            unmet.add(operation.label)
    assert wrong == [], "\n\n".join(wrong)
    # Whether hers is by then the primary avatar, which cannot go, depends on what was tried before.
    assert unmet - {"DELETE /api/v1/avatars/{id}"} == REFUSED, (
        "every operation answers a request that is right"
    )


def _drive(operation: Any, mode: GenerationMode, estate: Estate, codes: set[int], luck: int) -> None:
    """Send some requests that the schema allows, or does not; hold each answer against it, keep its code."""
    strategy = operation.as_strategy(generation_mode=mode)
    headers = {"Authorization": f"Bearer {AccessToken.for_user(estate.owner)}"}

    @seed(luck)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=strategy, real=st.booleans())
    def one(case: Any, real: bool) -> None:
        sent = {**headers, **(_made_real(case, operation.path, estate) if real else {})}
        with transaction.atomic():
            answer = case.call(headers=sent)
            transaction.set_rollback(True)
        codes.add(answer.status_code)
        case.validate_response(answer, checks=CHECKS)

    broker.forget(cache_only=True)
    one()


def _made_real(case: Any, path: str, estate: Estate) -> dict[str, str]:
    """Put what there is in place of made-up ids and names; return the headers that go with it."""
    ids = estate.names()
    place = path.split("/")[3]
    kinds = {"objects": "document", "documents": "document", "users": "notice", "auth": "key"}
    kind = kinds.get(place, place[:-1])
    if path == "/api/v1/documents/{id}/restore":
        kind = "trashed"
    month = f"{clock.now():%Y-%m}"
    number = ids["number"] if path.endswith("/choose") else "1"
    known = {"id": ids.get(kind), "number": number, "turn": ids["turn"], "month": month}
    if case.path_parameters:
        case.path_parameters.update({name: known[name] for name in case.path_parameters if known.get(name)})
    if case.query:
        case.query.pop("cursor", None)
        case.query.update({name: "2" for name in case.query if name == "against"})
    case.body = _real_body(case.body, {**ids, "model": "house", "against": 2, "accepted": [1]})
    return {"If-Match": f'"r{ids["revision"]}"'}


def _real_body(body: Any, known: dict[str, Any]) -> Any:
    """Fill a body's fields that name something by what there is, however deep."""
    if isinstance(body, dict):
        return {key: known.get(key) or _real_body(value, known) for key, value in body.items()}
    return [_real_body(item, known) for item in body] if isinstance(body, list) else body
