"""The running product at a human pace."""

import os
import random
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from tests.faults.runs import assert_ledger_whole

WORDS_PER_SECOND = 400


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """These tests look into processes as Linux shows them."""
    if sys.platform != "linux":
        for item in items:
            if "tests/faults" in str(item.path):
                item.add_marker(pytest.mark.skip(reason="kills processes that it finds in /proc"))


@pytest.fixture
def dice() -> random.Random:
    """Chance that can be had again: FAULTS_SEED=<seed>."""
    seed = os.environ.get("FAULTS_SEED") or str(random.randrange(10**6))
    print(f"FAULTS_SEED={seed}")
    return random.Random(seed)


@pytest.fixture(scope="package")
def _human_pace(_live_processes: Any) -> Iterator[None]:
    """Turns that last some seconds."""
    _live_processes.pace(WORDS_PER_SECOND)
    _live_processes.wait(_live_processes.pool, "the worker at another pace")
    yield
    _live_processes.pace(0)


@pytest.fixture
def unhurried(live_stack: Any, _human_pace: None) -> Iterator[Any]:
    """The running product at a human pace; after the test nothing runs and all is paid."""
    from orchestration.models import Session

    yield live_stack
    live_stack.wait(lambda: not Session.objects.running().exists(), "runs to end")
    assert_ledger_whole()
