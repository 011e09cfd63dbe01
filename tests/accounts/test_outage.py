"""G01: without Valkey nobody gets past a limit, and nobody sees an error."""

import pytest
from rest_framework.test import APIClient

from tests.support.people import PASSWORD


@pytest.fixture
def no_valkey(settings, tmp_path):
    settings.CACHES = {
        "default": {**settings.CACHES["default"], "LOCATION": f"unix://{tmp_path}/nobody.sock?db=0"}
    }


def test_signing_in_says_later(alice, client, no_valkey):
    answer = client.post("/accounts/login/", {"login": alice.email, "password": PASSWORD})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    assert "Back in a moment" in answer.content.decode()


@pytest.mark.parametrize("path", ["/accounts/signup/", "/accounts/password/reset/"])
def test_other_limited_pages_say_later(db, client, no_valkey, path):
    body = {"email": "ann@example.com", "password1": PASSWORD, "password2": PASSWORD}
    assert client.post(path, body).status_code == 503


def test_the_api_says_later(alice, no_valkey):
    answer = APIClient().post(
        "/api/v1/auth/token", {"email": alice.email, "password": PASSWORD}, format="json"
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "unavailable")
    assert answer.headers["Retry-After"] == "30"


def test_a_signed_in_page_says_later(alice, client_for, settings, tmp_path):
    client = client_for(alice)
    settings.CACHES = {
        "default": {**settings.CACHES["default"], "LOCATION": f"unix://{tmp_path}/nobody.sock?db=0"}
    }
    assert client.get("/settings/").status_code == 503
