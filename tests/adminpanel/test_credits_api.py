"""POST admin/users/{id}/credits: for operators, once, at once or after a second one."""

from uuid import uuid4

import pytest

from accounts.models import AuditEntry
from credits.models import Correction, Lot
from tests.credits.books import figures
from tests.credits.correcting import REASON
from tests.support import broker
from tests.support.people import api_for, open_account

pytestmark = pytest.mark.django_db


def post(actor, user_id, key=None, **body):
    """Ask as a program."""
    headers = {"Idempotency-Key": key} if key else {}
    given = {"amount": 50, "reason": REASON, **body}
    return api_for(actor).post(f"/api/v1/admin/users/{user_id}/credits", given, headers=headers)


def test_credits_are_given(olga, alice):
    before = figures(alice.wallet.pk)[0]
    answer = post(olga, alice.pk)
    made = Correction.objects.get()
    assert answer.status_code == 201
    assert answer.json() == {
        "id": str(made.pk),
        "state": "applied",
        "kind": "grant",
        "amount": 50,
        "reason": REASON,
        "expires_at": None,
        "needs_approval": False,
        "requested_at": answer.json()["requested_at"],
        "balance": {"available": before + 50, "held": 0},
    }
    assert AuditEntry.objects.get(act="credits.applied").address == "127.0.0.1"


def test_credits_that_end_are_given(olga, alice):
    assert post(olga, alice.pk, expires_at="2099-01-01T00:00:00Z").status_code == 201
    assert Lot.objects.get(source="bonus").expires_at.isoformat() == "2099-01-01T00:00:00+00:00"


def test_credits_are_taken_and_no_more_than_there_are(olga, alice):
    before = figures(alice.wallet.pk)[0]
    assert post(olga, alice.pk, amount=-5).json()["balance"] == {"available": before - 5, "held": 0}
    answer = post(olga, alice.pk, amount=-before)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "conflict")
    assert answer.json()["error"]["details"] == {"available": before - 5, "held": 0, "needed": before}


def test_above_the_limit_it_waits(olga, alice):
    before = figures(alice.wallet.pk)
    answer = post(olga, alice.pk, amount=1001)
    assert (answer.status_code, answer.json()["state"], answer.json()["needs_approval"]) == (
        202,
        "pending",
        True,
    )
    assert figures(alice.wallet.pk) == before


@pytest.mark.parametrize("amount", [50, 1001])
def test_a_retry_gets_the_first_answer(olga, alice, amount):
    first, again = (post(olga, alice.pk, key="k", amount=amount) for _ in range(2))
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    assert again.headers["Idempotent-Replay"] == "true"
    assert Correction.objects.count() == 1
    assert post(olga, alice.pk, key="k", amount=7).status_code == 422


def test_everybody_else_is_refused(olga, alice, bob):
    staff = open_account("sam", is_staff=True, is_superuser=True)  # without a second factor
    clerk = open_account("clerk", is_staff=True)
    for actor, code in ((None, 401), (bob, 403), (alice, 403), (staff, 403), (clerk, 403)):
        assert post(actor, alice.pk).status_code == code
    assert post(bob, uuid4()).status_code == 403
    assert Correction.objects.count() == 0


def test_an_operator_who_may_not_move_credits_is_refused(olga, alice):
    olga.is_superuser = False
    olga.save(update_fields=["is_superuser"])
    assert post(olga, alice.pk).status_code == 403


def test_there_must_be_such_a_user(olga):
    assert post(olga, uuid4()).status_code == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"amount": 0}, "amount"),
        ({"amount": "many"}, "amount"),
        ({"amount": 10**12}, "amount"),
        ({"reason": "short"}, "reason"),
        ({"reason": "          "}, "reason"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"amount": -5, "expires_at": "2099-01-01T00:00:00Z"}, "expires_at"),
    ],
)
def test_what_makes_no_sense_is_refused_by_field(olga, alice, body, field):
    answer = post(olga, alice.pk, **body)
    assert answer.status_code == 422
    assert list(answer.json()["error"]["details"]["fields"]) == [field]
    assert Correction.objects.count() == 0


def test_no_field_decides_what_the_body_has_no_business_with(olga, alice):
    """D05."""
    more = {
        "state": "applied",
        "needs_approval": False,
        "limit": 10**9,
        "decided_by": str(uuid4()),
        "kind": "take",
    }
    assert post(olga, alice.pk, amount=1001, **more).status_code == 202
    made = Correction.objects.get()
    assert (made.state, made.limit, made.decided_by, made.kind) == ("pending", 1000, None, "grant")


def test_the_thirty_first_in_a_minute_is_too_many(olga, alice):
    broker.forget(cache_only=True)
    codes = [post(olga, alice.pk, amount=1).status_code for _ in range(32)]
    assert codes.count(201) >= 30
    assert codes[-1] in (201, 429)
    assert 429 in codes or codes.count(201) == 32  # the minute may turn in between
    answers = [post(olga, alice.pk, amount=1) for _ in range(31)]
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert refused.json()["error"]["code"] == "rate_limited"
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
