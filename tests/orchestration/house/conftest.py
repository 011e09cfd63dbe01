"""Runs the rules of one module, or all of them, on a sentence."""

from collections.abc import Callable, Sequence
from types import ModuleType

import pytest

from orchestration.providers.house import lenses
from orchestration.providers.house.analysis import Analysis, analyse
from orchestration.providers.house.prose import Prose
from orchestration.providers.house.reading import Reading
from orchestration.providers.house.results import Issue, Register

Check = Callable[..., list[Issue]]


@pytest.fixture(scope="session")
def issues() -> Check:
    """The issues that one rule family raises, in any register."""

    def run(
        module: ModuleType, text: str, register: Register = "plain", known_names: Sequence[str] = ()
    ) -> list[Issue]:
        reading = Reading(Prose.of(text), register, tuple(known_names))
        return [issue for rule in module.RULES if register in rule.registers for issue in rule.check(reading)]

    return run


@pytest.fixture(scope="session")
def read() -> Callable[..., Analysis]:
    """The whole analysis through every lens."""

    def run(text: str, known_names: Sequence[str] = ()) -> Analysis:
        return analyse(text, lenses=frozenset(lenses.LENSES), known_names=known_names)

    return run
