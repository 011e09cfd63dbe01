"""Two tenants with one of everything each, and everybody else."""

from typing import Any

import pytest

from tests.access.estate import Estate, Visitor, build, visitors
from tests.orchestration.conftest import models

__all__ = ["models"]


@pytest.fixture
def hers(transactional_db: None, models: Any) -> Estate:
    """What alice owns."""
    return build("alice", models)


@pytest.fixture
def his(hers: Estate, models: Any) -> Estate:
    """What charlie owns."""
    return build("charlie", models)


@pytest.fixture
def everybody(hers: Estate, his: Estate) -> list[Visitor]:
    """All who may come."""
    return visitors(hers.owner, his.owner)
