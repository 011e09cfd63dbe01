"""One effect for one key, whatever the client and the machine do."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models.functions import Now
from rest_framework.response import Response
from rest_framework.test import APIClient

from accounts.idempotency import _finish, prune
from accounts.models import Avatar, IdempotencyRecord
from tests.accounts import one_effect
from tests.support import people

pytestmark = pytest.mark.urls("tests.accounts.one_effect")


def post(client: APIClient, key: str | None, body: dict):
    headers = {} if key is None else {"Idempotency-Key": key}
    return client.post("/effect", body, format="json", headers=headers)


def effects(user) -> int:
    return Avatar.objects.filter(user=user, is_primary=False).count()


def test_same_key_and_body_replays_the_first_answer(alice, api_for):
    first = post(api_for(alice), "k", {"name": "One"})
    again = post(api_for(alice), "k", {"name": "One"})

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert "Idempotent-Replay" not in first.headers
    assert again.headers["Idempotent-Replay"] == "true"
    assert effects(alice) == 1


def test_the_order_of_the_bodys_keys_does_not_matter(alice, api_for):
    post(api_for(alice), "k", {"name": "One", "a": 1})
    assert post(api_for(alice), "k", {"a": 1, "name": "One"}).headers["Idempotent-Replay"] == "true"


def test_without_a_key_every_request_acts(alice, api_for):
    post(api_for(alice), None, {"name": "One"})
    post(api_for(alice), None, {"name": "One"})
    assert effects(alice) == 2


def test_two_users_may_use_one_key(alice, charlie, api_for):
    post(api_for(alice), "k", {"name": "One"})
    theirs = post(api_for(charlie), "k", {"name": "Two"})
    assert theirs.status_code == 201
    assert (effects(alice), effects(charlie)) == (1, 1)


def test_same_key_and_another_body_is_refused(alice, api_for):
    """A03."""
    client = api_for(alice)
    for pair in range(100):
        post(client, f"k{pair}", {"name": f"One {pair}"})
        other = post(client, f"k{pair}", {"name": f"Other {pair}"})
        assert (other.status_code, other.json()["error"]["code"]) == (422, "invalid")
    assert effects(alice) == 100


@pytest.mark.parametrize("key", ["k" * 256, "a\tb"])
def test_an_unreasonable_key_is_refused(alice, api_for, key):
    assert post(api_for(alice), key, {"name": "One"}).status_code == 422
    assert effects(alice) == 0


def test_a_refusal_is_not_kept(alice, api_for):
    refused = post(api_for(alice), "k", {"broke": True})
    assert refused.status_code == 402
    assert IdempotencyRecord.objects.count() == 0
    assert post(api_for(alice), "k", {"name": "Paid"}).status_code == 201


def test_services_get_the_callers_key(alice, api_for):
    assert post(api_for(alice), "k", {"name": "One"}).json()["key"] == f"api:{alice.pk}:k"


@pytest.fixture
def slow():
    """Hold the handler back until the test ends or opens the gate."""
    one_effect.gate.clear()
    one_effect.started.clear()
    yield one_effect.gate
    one_effect.gate.set()


@pytest.mark.django_db(transaction=True)
def test_a_duplicate_of_a_running_request_is_told_to_wait(alice, api_for, slow):
    running = threading.Thread(target=in_thread, args=(api_for(alice), "k"))
    running.start()
    assert one_effect.started.wait(10)

    duplicate = post(api_for(alice), "k", {"name": "One"})
    slow.set()
    running.join()

    assert duplicate.status_code == 409
    assert duplicate.json()["error"]["code"] == "conflict"
    assert duplicate.headers["Retry-After"] == "2"
    assert post(api_for(alice), "k", {"name": "One"}).headers["Idempotent-Replay"] == "true"
    assert effects(alice) == 1


@pytest.mark.django_db(transaction=True)
def test_fifty_parallel_posts_have_one_effect(alice, api_for):
    """A02."""
    client = api_for(alice)
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: in_thread(client, "k"), range(50)))

    bodies = {body for status, body in answers if status == 201}
    assert effects(alice) == 1
    assert len(bodies) == 1
    assert {status for status, _ in answers} <= {201, 409}


@pytest.mark.django_db(transaction=True)
def test_fifty_parallel_posts_without_a_key_have_fifty(alice, api_for):
    """The positive control of the test above."""
    client = api_for(alice)
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda _: in_thread(client, None), range(50)))
    assert effects(alice) == 50


def in_thread(client: APIClient, key: str | None) -> tuple[int, bytes]:
    try:
        response = post(client, key, {"name": "One"})
        return response.status_code, response.content
    finally:
        connection.close()


def died(user, *, lease: timedelta) -> IdempotencyRecord:
    """What a process leaves that was killed at work."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("accounts.idempotency._finish", lambda record, response: None)
        post(people.api_for(user), "k", {"name": "One"})
    IdempotencyRecord.objects.update(lease_until=Now() + lease)
    return IdempotencyRecord.objects.get()


def test_after_a_crash_the_lease_is_kept(alice, api_for):
    died(alice, lease=timedelta(seconds=5))
    assert post(api_for(alice), "k", {"name": "One"}).status_code == 409


def test_after_the_lease_a_retry_works_again(alice, api_for):
    died(alice, lease=timedelta(seconds=-1))
    retried = post(api_for(alice), "k", {"name": "One"})
    assert retried.status_code == 201
    assert "Idempotent-Replay" not in retried.headers
    assert IdempotencyRecord.objects.get().attempt == 2


def test_an_attempt_that_was_taken_over_stores_nothing(alice, api_for):
    late = died(alice, lease=timedelta(seconds=-1))
    answer = post(api_for(alice), "k", {"name": "One"}).json()
    _finish(late, Response({"id": "late"}, status=201))
    assert post(api_for(alice), "k", {"name": "One"}).json() == answer


def test_prune_forgets_only_what_is_old(alice, api_for):
    post(api_for(alice), "old", {"name": "One"})
    IdempotencyRecord.objects.update(created_at=Now() - timedelta(hours=25), lease_until=Now())
    post(api_for(alice), "new", {"name": "Two"})
    assert prune() == 1
    assert IdempotencyRecord.objects.get().key == "new"
