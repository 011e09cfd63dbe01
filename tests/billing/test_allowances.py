"""The free credits: once per person, within the day's budgets."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.db import connection
from django.utils import timezone

from accounts.models import User
from accounts.signals import email_verified
from billing.free_credits import grant_first_allowance, grant_waiting_allowances
from billing.models import FreeGrant, Subscription
from billing.provisioning import end_comp
from credits.models import Lot
from tests.billing.people import comp
from tests.support.people import open_account

pytestmark = pytest.mark.django_db


def _state(user):
    user.wallet.refresh_from_db()
    return user.subscriptions.get(ended_at=None).allowance, user.wallet.available


def _prove(user, email=None, address=""):
    EmailAddress.objects.update_or_create(user=user, email=email or user.email, defaults={"verified": True})
    email_verified.send(sender=User, user=user, address=address)


def test_credits_come_with_the_proof_not_with_the_account():
    dora = open_account("dora", verified=False)
    assert _state(dora) == ("waiting", 0)
    _prove(dora)
    assert _state(dora) == ("granted", 20)
    lot = Lot.objects.get(wallet=dora.wallet)
    assert (lot.source, lot.granted) == ("allowance", 20)
    assert (lot.period_start, lot.expires_at) == (dora.wallet.period_start, dora.wallet.period_end)
    assert lot.period_start == dora.wallet.opened_at


def test_second_proof_grants_nothing(alice):
    _prove(alice)
    _prove(alice, "other@example.com")
    assert _state(alice) == ("granted", 20)
    assert Lot.objects.filter(wallet=alice.wallet).count() == 1


def test_same_person_under_another_spelling_gets_nothing(alice):
    again = open_account("Alice+again")
    assert _state(again) == ("withheld", 0)


def test_same_address_after_the_account_is_gone_gets_nothing(alice):
    alice.delete()
    assert _state(open_account("alice")) == ("withheld", 0)
    assert FreeGrant.objects.count() == 1


def test_memory_of_a_person_names_nobody(alice):
    stored = FreeGrant.objects.values().get()
    assert set(stored) == {"person", "network", "credits", "granted_at"}
    assert "alice" not in str(stored)


def test_day_budget_makes_the_rest_wait_for_the_next_day(settings):
    settings.FREE_GRANTS_PER_DAY = 2
    with time_machine.travel("2027-03-01T12:00:00Z", tick=False) as clock:
        users = [open_account(f"user{number}") for number in range(4)]
        assert [_state(user)[0] for user in users] == ["granted", "granted", "waiting", "waiting"]
        assert grant_waiting_allowances() == 0
        clock.shift(timedelta(hours=12))
        assert grant_waiting_allowances() == 2
    assert [_state(user) for user in users] == [("granted", 20)] * 4


def test_two_hundred_sign_ups_from_one_network_get_five_grants(settings):
    users = [open_account(f"farm{number}", verified=False) for number in range(200)]
    for number, user in enumerate(users):
        _prove(user, address=f"2001:db8::{number:x}")
    assert FreeGrant.objects.count() == 5
    assert sum(_state(user)[1] for user in users) == 100
    other = open_account("honest", verified=False)
    _prove(other, address="2001:db8:1::1")
    assert _state(other) == ("granted", 20)


def test_sweep_keeps_to_the_networks_budget_too(settings):
    settings.FREE_GRANTS_PER_NETWORK_PER_DAY = 1
    with time_machine.travel("2027-03-01T12:00:00Z", tick=False) as clock:
        users = [open_account(f"user{number}", verified=False) for number in range(3)]
        for user in users:
            _prove(user, address="192.0.2.7")
        clock.shift(timedelta(days=1))
        assert grant_waiting_allowances() == 1
        assert [_state(user)[0] for user in users] == ["granted", "granted", "waiting"]
    granted, _, waiting = (user.subscriptions.get() for user in users)
    assert (granted.network, bool(waiting.network)) == ("", True)


def test_sweep_passes_over_the_unproven():
    dora = open_account("dora", verified=False)
    assert grant_waiting_allowances() == 0
    EmailAddress.objects.update(verified=True)
    assert grant_waiting_allowances() == 1
    assert _state(dora) == ("granted", 20)


def test_month_that_a_comp_paid_gets_no_free_allowance_on_top(charlie):
    dora = open_account("dora", verified=False)
    comp(dora, "pro", actor=charlie)
    end_comp(user=dora, actor=charlie, reason="a mistake")
    _prove(dora)
    assert _state(dora) == ("waiting", 500)
    with time_machine.travel(timezone.now() + timedelta(days=32)):
        assert grant_waiting_allowances() == 1


def test_user_on_no_plan_is_left_alone(alice):
    Subscription.objects.all().delete()
    assert grant_first_allowance(user=alice) is None


@pytest.mark.django_db(transaction=True)
def test_one_person_proving_two_accounts_at_once_gets_one_grant():
    users = [open_account(f"dora+{number}", verified=False) for number in range(8)]
    barrier = Barrier(len(users))

    def prove(user):
        barrier.wait()
        grant_first_allowance(user=User.objects.get(pk=user.pk))
        connection.close()

    threads = [Thread(target=prove, args=(user,)) for user in users]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert FreeGrant.objects.count() == 1
    states = sorted(Subscription.objects.values_list("allowance", flat=True))
    assert states == ["granted"] + ["withheld"] * 7
    assert sum(_state(user)[1] for user in users) == 20
