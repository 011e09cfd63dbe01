"""Errands at Stripe: a few at a time, and by the clock what nobody was rung for."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from django.conf import settings
from django.db import connection

from billing import errands, tasks
from billing.stripe.customers import customer_for, out_of_step
from billing.stripe.errors import StripeUnavailable
from tests.billing.shop import Shop
from tests.support.processes import soon


def _elsewhere(work):
    """Do it in another session at the database."""

    def alone():
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as other:
        return other.submit(alone).result()


def _all_places():
    return [errands._asked("pg_try_advisory_lock", place) for place in range(errands.AT_ONCE)]


class TestPlaces:
    def test_no_more_are_under_way_than_there_are_places(self, transactional_db):
        inside, most, go_on = [], [], Event()

        def errand():
            inside.append(1)
            most.append(len(inside))
            go_on.wait(0.3)
            inside.pop()

        def do(_):
            try:
                return errands.do(errand)
            finally:
                connection.close()

        with ThreadPoolExecutor(6) as pool:
            done = list(pool.map(do, range(6)))
        assert max(most) == errands.AT_ONCE
        assert sum(done) >= errands.AT_ONCE
        assert not all(done)

    def test_a_place_is_free_again_after_a_failure(self, transactional_db):
        def fail():
            raise ZeroDivisionError

        for _ in range(errands.AT_ONCE + 1):
            with pytest.raises(ZeroDivisionError):
                errands.do(fail)
        assert _elsewhere(_all_places) == [True] * errands.AT_ONCE

    def test_a_place_is_free_again_when_its_worker_is_gone(self, transactional_db):
        assert _elsewhere(_all_places) == [True] * errands.AT_ONCE  # and ends while it holds them
        assert soon(lambda: errands.do(lambda: None), 10)


class TestCatchingUp:
    @pytest.fixture
    def undone(self, monkeypatch):
        done = []

        def leave(*work):
            monkeypatch.setattr(errands, "_undone", lambda: iter(work))

        leave.done = done
        return leave

    def test_one_that_fails_does_not_keep_the_others_from_it(self, db, undone):
        def fail():
            raise ZeroDivisionError

        undone(fail, lambda: undone.done.append(1), fail, lambda: undone.done.append(2))
        assert errands.catch_up() == 2
        assert undone.done == [1, 2]

    def test_a_stripe_that_does_not_answer_ends_it(self, db, undone):
        def away():
            raise StripeUnavailable

        undone(away, lambda: undone.done.append(1))
        assert errands.catch_up() == 0
        assert undone.done == []

    def test_a_spell_ends(self, db, undone):
        undone(lambda: undone.done.append(1))
        assert errands.catch_up(seconds=0) == 0

    def test_without_a_place_nothing_is_done(self, transactional_db, undone):
        undone(lambda: undone.done.append(1))

        assert _all_places() == [True] * errands.AT_ONCE
        try:
            assert _elsewhere(errands.catch_up) == 0
        finally:
            for place in range(errands.AT_ONCE):
                errands._asked("pg_advisory_unlock", place)
        assert undone.done == []

    @pytest.mark.django_db
    def test_an_address_that_nobody_was_rung_for_is_told_by_the_clock(self, at_stripe, alice, bob):
        made = customer_for(alice)
        customer_for(bob)
        alice.email = "new@example.com"
        alice.save(update_fields=["email"])
        assert list(out_of_step()) == [alice]
        tasks.keep_payments()
        assert at_stripe.client.v1.customers.retrieve(made).email == "new@example.com"
        assert list(out_of_step()) == []

    @pytest.mark.django_db
    def test_a_fee_that_nobody_was_rung_for_is_learnt_by_the_clock(self, at_stripe, alice):
        from billing.models import Payment

        Shop(at_stripe).subscribe(alice, "starter")
        Payment.objects.update(fee_cents=None)
        tasks.keep_payments()
        assert Payment.objects.get().fee_cents > 0


def test_whatever_asks_stripe_has_the_queue_of_its_own():
    asking = {"apply_events", "compare_events", "compare_objects", "keep_payments", "learn_fee", "tell_stripe",
              "undo_surplus"}  # fmt: skip
    routed = settings.CELERY_TASK_ROUTES.items()
    assert {name for name, route in routed if route["queue"] == "billing"} == {
        f"billing.tasks.{name}" for name in asking
    }


def test_no_comparison_outlasts_what_the_broker_waits_for():
    """Else it would be handed to a second worker while the first is at it."""
    longest = settings.CELERY_BROKER_TRANSPORT_OPTIONS["visibility_timeout"]
    limits = [getattr(tasks, name).time_limit for name in ("compare_objects", "compare_events")]
    assert max(limit or settings.CELERY_TASK_TIME_LIMIT for limit in limits) < longest
