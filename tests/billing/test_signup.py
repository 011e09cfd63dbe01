"""From the sign-up form to the free credits."""

import re

import pytest
from django.core import mail

from accounts.models import User
from billing import persons
from billing.models import FreeGrant
from billing.tasks import keep_plans
from tests.support.people import PASSWORD

pytestmark = pytest.mark.django_db


def _sign_up_and_verify(client, email):
    answer = client.post("/accounts/signup/", {"email": email, "password1": PASSWORD, "password2": PASSWORD})
    assert answer.status_code == 302
    link = re.search(r"https?://[^/\s]+(/\S+)", mail.outbox[-1].body)[1]
    client.post(link)
    return User.objects.get(email=email)


def test_verified_sign_up_has_the_free_credits_and_its_network_is_counted(client):
    ann = _sign_up_and_verify(client, "ann@example.com")
    assert ann.wallet.available == 20
    assert FreeGrant.objects.get().network == persons.network("127.0.0.1")


def test_network_that_had_its_share_waits(client_for, settings):
    settings.FREE_GRANTS_PER_NETWORK_PER_DAY = 1
    first = _sign_up_and_verify(client_for(None), "ann@example.com")
    second = _sign_up_and_verify(client_for(None), "ben@example.com")
    assert (first.wallet.available, second.wallet.available) == (20, 0)
    assert second.subscriptions.get().allowance == "waiting"


def test_clock_gives_what_had_to_wait_and_runs_twice_safely(client, settings):
    settings.FREE_GRANTS_PER_DAY = 0
    ann = _sign_up_and_verify(client, "ann@example.com")
    assert ann.wallet.available == 0
    settings.FREE_GRANTS_PER_DAY = 500
    keep_plans()
    keep_plans()
    ann.wallet.refresh_from_db()
    assert ann.wallet.available == 20
