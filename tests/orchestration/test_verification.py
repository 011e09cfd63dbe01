"""Each invariant of runs catches the defect it is for."""

from datetime import timedelta

import pytest
from django.db import connection

from config.common import clock
from credits import ledger
from credits.models import Hold
from credits.verification import breaks
from orchestration.models import Session, Turn
from orchestration.runtime import holds
from orchestration.verification import INVARIANTS
from tests.support.sessions import drive, started

BY_CODE = {invariant.code: invariant for invariant in INVARIANTS}


@pytest.fixture
def run(author, models):
    return drive(started(author, roles=("writer",), model="gpt-4o-mini"))


def test_a_sound_run_breaks_nothing(run):
    assert {code: breaks(invariant) for code, invariant in BY_CODE.items()} == {c: [] for c in BY_CODE}


def hold_left_open(run):
    ledger.hold(
        wallet_id=run.owner.wallet.pk, amount=1, key="planted", expires_at=clock.now() + timedelta(hours=1),
        reference=ledger.Reference("turn", run.turns.get().pk),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("code", "defect"),
    [
        ("I12", hold_left_open),
        ("I13", lambda run: Turn.objects.update(credits=7)),
        ("I13", lambda run: Session.objects.update(spent=7)),
        ("I13", lambda run: Session.objects.update(weighted_tokens=10**6)),
        ("I24", lambda run: Turn.objects.update(outcome="malformed")),
        ("I24", lambda run: Session.objects.update(status="failed", spent=9)),
    ],
)
def test_a_planted_defect_is_found(run, code, defect):
    defect(run)
    found = breaks(BY_CODE[code])
    assert {place.wallet_id for place in found} == {run.owner.wallet.pk}


def test_a_turn_without_a_worker_is_found(author, models):
    turn = started(author, roles=("writer",)).turns.get()
    Turn.objects.filter(pk=turn.pk).update(status="running", attempt=1, lease_until="2020-01-01T00:00Z")
    assert str(turn.pk) in str(breaks(BY_CODE["I22"]))


def test_a_hold_that_no_turn_names_is_released(run):
    hold_left_open(run)
    assert holds.release_dead_holds() == 0
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("UPDATE credits_hold SET created_at = created_at - interval '1 hour'")
        cursor.execute("SET session_replication_role = origin")
    assert holds.release_dead_holds() == 1
    assert not Hold.objects.open().exists()
    assert breaks(BY_CODE["I12"]) == []
