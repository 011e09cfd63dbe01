"""The registry of what is counted."""

import pytest

from billing import usage
from billing.limits import LIMITS
from billing.usage import Standing


@pytest.fixture(autouse=True)
def _own_registry(monkeypatch):
    monkeypatch.setattr(usage, "_readers", {})


def _standing(limit, used, allowed):
    return Standing(limit=limit, words=LIMITS[limit], used=used, allowed=allowed, resets_at=None)


def test_only_known_limits_are_counted_and_each_once():
    def reader(user):
        return 3

    usage.register("projects", reader)
    usage.register("projects", reader)
    with pytest.raises(ValueError, match="projects is counted already"):
        usage.register("projects", lambda user: 4)
    with pytest.raises(KeyError):
        usage.register("teleports", reader)


def test_standing_joins_use_and_limit(alice):
    usage.register("projects", lambda user: 3)
    projects = next(s for s in usage.standings(alice) if s.limit == "projects")
    assert (projects.used, projects.allowed, projects.left, projects.is_over) == (3, 2, 0, True)
    sessions = next(s for s in usage.standings(alice) if s.limit == "sessions_per_month")
    assert (sessions.used, sessions.left, sessions.resets_at) == (None, None, alice.wallet.period_end)


@pytest.mark.parametrize(
    ("limit", "used", "allowed", "words", "tone"),
    [
        ("projects", 1, 2, "1 of 2", ""),
        ("projects", 8, 10, "8 of 10", "warn"),
        ("projects", 10, 10, "10 of 10", "warn"),
        ("projects", 11, 10, "11 of 10", "bad"),
        ("projects", 3, None, "3, no limit", ""),
        ("voice_slots", 0, 0, "0 of 0", ""),
        ("storage_bytes", 640 * 2**20, 2**30, "640 MB of 1 GB", ""),
    ],
)
def test_standing_in_words(limit, used, allowed, words, tone):
    standing = _standing(limit, used, allowed)
    assert (standing.in_words, standing.tone) == (words, tone)
