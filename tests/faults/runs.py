"""Runs of the built-in analyst, and what must be true of each when it is over."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from django.db import InterfaceError, OperationalError, connection
from django.db.models import Sum

from accounts.models import User
from credits.models import Entry, Hold, UsageRecord
from credits.verification import verify
from orchestration.models import Session
from orchestration.services import start_session
from tests.support.people import open_account
from tests.support.sessions import draft, on_plan

TEAM = ("writer", "content_expert", "style_editor", "synthesizer")
STORY = (Path(__file__).parents[2] / "config/devserver/demo/the-lighthouse-keepers-ledger.md").read_text()
ANSWER = TypeVar("ANSWER")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run of the same input brings whatever happens meanwhile.

    Findings without their numbers: editors work side by side, and who ends first numbers first.
    """

    status: str
    reason: str
    text: str
    findings: tuple[tuple[str, str], ...]


def patiently(ask: Callable[[], ANSWER], *, seconds: float = 30.0) -> ANSWER:
    """Return what `ask` answers; asked again while the database is away."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return ask()
        except (OperationalError, InterfaceError):
            connection.close()
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def writers(count: int, *, name: str = "writer") -> list[User]:
    """Open the accounts of so many writers who may run several sessions at once."""
    return [on_plan(open_account(f"{name}{number}")) for number in range(count)]


def begin(owner: User, *, roles: Sequence[str] = TEAM, body: str = STORY, rounds: int = 1) -> Session:
    """Start a run of the built-in analyst, whatever befalls the database meanwhile."""
    session = patiently(lambda: draft(owner, roles=roles, body=body, model="house", max_rounds=rounds))
    return patiently(lambda: start_session(session_id=session.pk, user=owner))


def all_over(sessions: Sequence[Session]) -> bool:
    """Say whether every one of `sessions` has ended."""
    keys = [session.pk for session in sessions]
    return patiently(lambda: Session.objects.filter(pk__in=keys).ended().count()) == len(keys)


def outcome(session: Session) -> Outcome:
    """Return what `session` brought."""
    session.refresh_from_db()
    session.document.refresh_from_db()
    findings = session.findings.values_list("message", "status")
    return Outcome(session.status, session.reason_code, session.document.body, tuple(sorted(findings)))


def assert_settled_to_the_credit(session: Session) -> None:
    """Each turn: what was settled, entered, metered and recorded is one figure; nothing is held any more."""
    total = 0
    for turn in session.turns.all():
        about = {"reference_kind": "turn", "reference_id": turn.pk}
        holds = Hold.objects.filter(**about)
        assert not holds.open().exists(), f"turn {turn.pk} still holds credits"
        entries = Entry.objects.filter(hold__in=holds).aggregate(sum=Sum("amount"))["sum"] or 0
        settled = holds.aggregate(sum=Sum("settled"))["sum"] or 0
        metered = UsageRecord.objects.filter(**about).aggregate(sum=Sum("credits"))["sum"] or 0
        assert (settled, -entries, metered) == (turn.credits,) * 3, f"turn {turn.pk}"
        total += turn.credits
    assert session.spent == total


def assert_ledger_whole() -> None:
    """No invariant of the ledger or of runs is broken, and nobody holds a credit."""
    assert {invariant.code: found for invariant, found in verify() if found} == {}
    assert not Hold.objects.open().exists()
