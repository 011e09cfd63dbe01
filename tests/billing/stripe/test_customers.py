"""One customer at Stripe for each user, and their address kept in step."""

import pytest
from djstripe.models import Customer

from accounts.models import User
from accounts.signals import email_verified
from billing.models import StripeRequest
from billing.stripe import copies, gateway, mirror
from billing.stripe.customers import customer_for, keep_in_step, out_of_step
from billing.tasks import tell_stripe
from tests.credits.races import at_once

pytestmark = pytest.mark.django_db


def _at_stripe(sandbox, user):
    everybody = sandbox.client.v1.customers.list({"limit": 100}).auto_paging_iter()
    return [c for c in everybody if (c.metadata or {}).get("atelier_user") == str(user.pk)]


def test_customer_is_made_on_first_use_and_found_after(at_stripe, alice, settings):
    made = customer_for(alice)
    (there,) = _at_stripe(at_stripe, alice)
    assert (there.id, there.email, there.name) == (made, "alice@example.com", "Alice")
    copy = Customer.objects.get()
    assert (copy.id, copy.subscriber, copy.email, copy.livemode) == (made, alice, "alice@example.com", False)
    settings.STRIPE_API_HOST = "http://127.0.0.1:9"  # nothing is asked any more
    assert customer_for(alice) == made


@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_make_one_customer(at_stripe, alice):
    made = at_once(*[lambda: customer_for(User.objects.get(pk=alice.pk))] * 20)
    assert len(set(made)) == 1
    assert [customer.id for customer in _at_stripe(at_stripe, alice)] == [made[0]]
    assert list(Customer.objects.values_list("id", "subscriber")) == [(made[0], alice.pk)]


@pytest.mark.django_db(transaction=True)
def test_without_the_shared_key_twenty_make_more(at_stripe, alice):
    """The control: the same with a key each."""

    def make(number):
        given = {"metadata": {"atelier_user": str(alice.pk)}}
        return gateway.request(operation="customer.create", key=f"control:{number}", parameters=given)["id"]

    assert len(set(at_once(*[lambda n=n: make(n) for n in range(20)]))) == 20


def test_each_has_their_own(at_stripe, alice, bob):
    assert customer_for(alice) != customer_for(bob)


def test_new_address_and_name_are_told_however_often_they_change(at_stripe, alice):
    made = customer_for(alice)
    for email, name in [("a@example.org", "Al"), ("alice@example.com", "Alice"), ("a@example.org", "Al")]:
        alice.email, alice.display_name = email, name
        assert customer_for(alice) == made
        (there,) = _at_stripe(at_stripe, alice)
        assert (there.email, there.name) == (email, name)
        assert Customer.objects.get().email == email
    assert "@" not in str(list(StripeRequest.objects.values_list("parameters", "key")))


def test_name_that_is_taken_back_is_taken_back_there(at_stripe, alice):
    customer_for(alice)
    alice.display_name = ""
    customer_for(alice)
    assert _at_stripe(at_stripe, alice)[0].name is None


def test_customer_deleted_at_stripe_is_replaced(at_stripe, alice):
    first = customer_for(alice)
    at_stripe.client.v1.customers.delete(first)
    copies.keep(gateway.fetch("customer", first))
    assert (Customer.objects.get().subscriber, Customer.objects.get().date_purged is None) == (None, False)
    second = customer_for(alice)
    assert second != first
    assert customer_for(alice) == second


def test_deletion_that_nobody_told_of_is_noticed_when_there_is_news(at_stripe, alice):
    first = customer_for(alice)
    at_stripe.client.v1.customers.delete(first)
    alice.display_name = "Al"
    second = customer_for(alice)
    assert second != first
    assert _at_stripe(at_stripe, alice)[0].name == "Al"
    assert Customer.objects.get(id=first).subscriber is None


def test_late_answer_does_not_bring_a_deleted_customer_back(at_stripe, alice, monkeypatch):
    """Their end was heard of while the answer to a change was on its way: else nobody could ever buy again."""
    first = customer_for(alice)
    real = gateway.request

    def slow(**asked):
        told = real(**asked)
        at_stripe.client.v1.customers.delete(first)
        mirror.refresh(first)
        return told

    alice.display_name = "Al"
    with monkeypatch.context() as patched:
        patched.setattr(gateway, "request", slow)
        customer_for(alice)
    assert Customer.objects.get(id=first).subscriber is None
    assert customer_for(alice) != first


def test_customer_of_live_mode_is_not_the_test_mode_s(at_stripe, alice):
    Customer.objects.create(id="cus_live", subscriber=alice, livemode=True, email=alice.email)
    assert customer_for(alice) != "cus_live"


def test_proven_address_is_told_by_a_worker(
    at_stripe, alice, django_capture_on_commit_callbacks, monkeypatch
):
    sent = []
    monkeypatch.setattr(tell_stripe, "apply_async", lambda args, **kwargs: sent.append(args))
    with django_capture_on_commit_callbacks(execute=True):
        email_verified.send(sender=User, user=alice)
    assert sent == []  # Stripe does not know them
    customer_for(alice)
    User.objects.filter(pk=alice.pk).update(email="new@example.com")
    with django_capture_on_commit_callbacks(execute=True):
        email_verified.send(sender=User, user=alice)
    assert sent == [(str(alice.pk),)]
    tell_stripe(str(alice.pk))
    assert _at_stripe(at_stripe, alice)[0].email == "new@example.com"


def test_keeping_in_step_makes_no_customer(at_stripe, alice):
    keep_in_step(alice)
    assert _at_stripe(at_stripe, alice) == []
    assert not StripeRequest.objects.exists()


def test_whoever_has_no_name_is_sent_without_one(at_stripe, alice, monkeypatch):
    sent, send = [], gateway.send
    monkeypatch.setattr(
        gateway,
        "send",
        lambda method, path, given, **how: sent.append(given) or send(method, path, given, **how),
    )
    alice.display_name = ""
    alice.save()
    made = customer_for(alice)
    alice.email = "a@example.org"
    alice.save()
    assert customer_for(alice) == made
    assert [given["email"] for given in sent] == ["alice@example.com", "a@example.org"]
    assert [given for given in sent if "name" in given] == []
    (there,) = _at_stripe(at_stripe, alice)
    assert (there.email, there.name) == ("a@example.org", None)
    assert list(out_of_step()) == []
