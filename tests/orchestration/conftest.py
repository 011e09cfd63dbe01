"""Fixtures of the editorial session's tests."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.providers import ModelServer, model_server


@pytest.fixture
def models(settings: Any) -> Iterator[ModelServer]:
    """A scripted model server that stands in for OpenAI."""
    with model_server() as server:
        settings.OPENAI_BASE_URL = server.url
        settings.OPENAI_API_KEY = "scripted"
        yield server


@pytest.fixture
def author(transactional_db: None) -> Any:
    """Alice on the pro plan: four agents, twelve rounds, 500 credits and her free ones."""
    from tests.support.people import open_account
    from tests.support.sessions import on_plan

    return on_plan(open_account("alice"))


@pytest.fixture
def sound(transactional_db: None) -> Iterator[None]:
    """After the test, every invariant of the ledger and of runs holds."""
    from credits.verification import verify

    yield
    assert {invariant.code: found for invariant, found in verify() if found} == {}


@pytest.fixture
def no_valkey(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing answers where Valkey should be."""
    from config.common import valkey
    from orchestration.streaming import publish

    settings.REDIS_URL = "unix:///nonexistent/valkey.sock"
    monkeypatch.setattr(valkey, "_silent_until", 0.0)  # and that it was away is forgotten afterwards
    valkey.connection.cache_clear()
    publish._script.cache_clear()
    yield
    valkey.connection.cache_clear()
    publish._script.cache_clear()
