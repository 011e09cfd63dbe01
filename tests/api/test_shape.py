"""The API's error shape, where no view of its own answers."""

from typing import Any

import pytest
from django.test import Client


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/v1/avatars/not-an-id"])
def test_an_address_that_is_no_route_answers_in_json(client: Client, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/json")
    assert answer.json()["error"]["code"] == "not_found"


def test_a_page_that_is_not_there_is_a_page(client: Client, db: None) -> None:
    answer = client.get("/nothing/")
    assert answer.status_code == 404
    assert "<html" in answer.text


def test_an_error_tells_programs_nothing_of_itself(client: Client, monkeypatch: Any, db: None) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError("canary")

    monkeypatch.setattr("billing.api.views.PlansView.get", fail)
    client.raise_request_exception = False
    answer = client.get("/api/v1/billing/plans")
    assert answer.status_code == 500
    assert answer.json()["error"]["code"] == "server_error"
    assert "canary" not in answer.text
