"""Webhook deliveries: signed, after commit, tried again, disturbed by dials."""

import threading
import time

import pytest
import stripe

from billing.webhooks.signatures import is_genuine
from tests.billing.sandbox import shop
from tests.billing.sandbox.receiver import receiving
from tests.support.processes import soon
from tests.support.stripe import StripeSandbox


def customers(sandbox: StripeSandbox, count: int) -> list[str]:
    return [shop.customer(sandbox) for _ in range(count)]


def test_delivery_is_signed_and_is_the_event(stripe_sandbox: StripeSandbox) -> None:
    with receiving(stripe_sandbox, "customer.created") as receiver:
        customer = shop.customer(stripe_sandbox)
        receiver.wait(1)

    event = receiver.events()[0]
    assert (event.type, event.data.object.id) == ("customer.created", customer)
    assert event.pending_webhooks == 1
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(receiver.bodies[0][0] + b" ", receiver.bodies[0][1], receiver.secret)


def test_rolled_secret_signs_beside_its_predecessor_until_that_is_over(
    stripe_sandbox: StripeSandbox,
) -> None:
    with receiving(stripe_sandbox, "customer.created") as receiver:
        endpoint, former = stripe_sandbox.client.v1.webhook_endpoints.list().data[0].id, receiver.secret
        new = stripe_sandbox.act("roll_secret", endpoint=endpoint)["secret"]
        shop.customer(stripe_sandbox)
        receiver.wait(1)
        body, both = receiver.bodies[0]
        for secret in (former, new):
            assert stripe.Webhook.construct_event(body, both, secret).type == "customer.created"  # type: ignore[no-untyped-call]
            assert is_genuine(body=body, header=both, secret=secret, at=time.time(), tolerance=300)

        newest = stripe_sandbox.act("roll_secret", endpoint=endpoint, lives_on=0)["secret"]
        shop.customer(stripe_sandbox)
        receiver.wait(2)
        body, header = receiver.bodies[1]
        fits = [
            is_genuine(body=body, header=header, secret=secret, at=time.time(), tolerance=300)
            for secret in (former, new, newest)
        ]

    assert (both.count("v1="), header.count("v1=")) == (2, 1)
    assert fits == [False, False, True]


def test_secret_is_told_once(stripe_sandbox: StripeSandbox) -> None:
    endpoints = stripe_sandbox.client.v1.webhook_endpoints
    made = endpoints.create({"url": "http://127.0.0.1:9/", "enabled_events": ["invoice.paid"]})

    assert str(made.secret).startswith("whsec_")
    assert "secret" not in endpoints.retrieve(made.id).to_dict()


def test_only_wanted_events_are_delivered_and_none_to_a_disabled_endpoint(
    stripe_sandbox: StripeSandbox,
) -> None:
    with receiving(stripe_sandbox, "customer.updated") as receiver:
        customer = shop.customer(stripe_sandbox)
        stripe_sandbox.client.v1.customers.update(customer, {"name": "Alice"})
        receiver.wait(1)
        endpoint = stripe_sandbox.client.v1.webhook_endpoints.list().data[0]
        stripe_sandbox.client.v1.webhook_endpoints.update(endpoint.id, {"disabled": True})
        stripe_sandbox.client.v1.customers.update(customer, {"name": "Bob"})
        time.sleep(0.3)

    assert receiver.types() == ["customer.updated"]
    assert receiver.events()[0].data.previous_attributes.to_dict() == {"name": None}


def test_change_that_is_refused_delivers_nothing(stripe_sandbox: StripeSandbox) -> None:
    with receiving(stripe_sandbox) as receiver:
        session = shop.session(stripe_sandbox, shop.price(stripe_sandbox))
        receiver.wait(4)
        before = len(receiver.bodies)
        with pytest.raises(AssertionError, match="Your card was declined"):
            stripe_sandbox.pay(session["id"], "4000000000000002")
        time.sleep(0.3)

        assert len(receiver.bodies) == before


def test_refused_delivery_is_tried_again(stripe_sandbox: StripeSandbox) -> None:
    with receiving(stripe_sandbox, "customer.created") as receiver:
        receiver.answers = [500, 404]
        shop.customer(stripe_sandbox)
        receiver.wait(3)

    assert len({event.id for event in receiver.events()}) == 1


def test_unchanged_object_has_no_event(stripe_sandbox: StripeSandbox) -> None:
    customer = shop.customer(stripe_sandbox, name="Alice")
    with receiving(stripe_sandbox, "customer.updated") as receiver:
        stripe_sandbox.client.v1.customers.update(customer, {"name": "Alice"})
        stripe_sandbox.client.v1.customers.update(customer, {"name": "Bob"})
        receiver.wait(1)
        time.sleep(0.2)

    assert len(receiver.bodies) == 1


def test_dial_duplicate(stripe_sandbox: StripeSandbox) -> None:
    stripe_sandbox.dials(duplicate=2)
    with receiving(stripe_sandbox, "customer.created") as receiver:
        shop.customer(stripe_sandbox)
        receiver.wait(3)

    assert len({event.id for event in receiver.events()}) == 1


def test_dial_delay(stripe_sandbox: StripeSandbox) -> None:
    stripe_sandbox.dials(delay=0.6)
    with receiving(stripe_sandbox, "customer.created") as receiver:
        began = time.monotonic()
        shop.customer(stripe_sandbox)
        receiver.wait(1)

    assert time.monotonic() - began >= 0.6


def test_dial_drop_meets_the_same_share_for_the_same_seed(stripe_sandbox: StripeSandbox) -> None:
    arrived = []
    for _ in range(2):
        stripe_sandbox.dials(drop=0.5, seed=7)
        with receiving(stripe_sandbox, "customer.created") as receiver:
            made = customers(stripe_sandbox, 12)
            time.sleep(0.5)
            arrived.append(sorted(made.index(event.data.object.id) for event in receiver.events()))

    assert arrived[0] == arrived[1]
    assert 0 < len(arrived[0]) < 12


def test_dial_reorder(stripe_sandbox: StripeSandbox) -> None:
    stripe_sandbox.dials(reorder=1.0, seed=3)
    with receiving(stripe_sandbox, "customer.created") as receiver:
        made = customers(stripe_sandbox, 8)
        receiver.wait(8)

    order = [made.index(event.data.object.id) for event in receiver.events()]
    assert sorted(order) == list(range(8))
    assert order != list(range(8))


def test_unknown_dial_is_refused(stripe_sandbox: StripeSandbox) -> None:
    with pytest.raises(AssertionError, match="There is no dial"):
        stripe_sandbox.dials(nonsense=1)
    with pytest.raises(AssertionError, match="takes int"):
        stripe_sandbox.dials(cut="often")


def test_first_get_is_late_with_what_was_true_when_it_was_asked(stripe_sandbox: StripeSandbox) -> None:
    customer = shop.customer(stripe_sandbox, name="before")
    stripe_sandbox.dials(first_get_latency=0.6)
    names: list[str | None] = []

    def read() -> None:
        names.append(stripe_sandbox.client.v1.customers.retrieve(customer).name)

    slow = threading.Thread(target=read)
    slow.start()
    time.sleep(0.2)
    stripe_sandbox.client.v1.customers.update(customer, {"name": "after"})
    read()
    slow.join()

    assert names == ["after", "before"]


def test_what_was_not_delivered_is_after_a_restart(stripe_sandbox: StripeSandbox) -> None:
    with receiving(stripe_sandbox, "customer.created") as receiver:
        receiver.answers = [503] * 100
        customer = shop.customer(stripe_sandbox)
        receiver.wait(1)
        stripe_sandbox.stop()  # whatever comes after this, the next process has sent
        before = len(receiver.bodies)
        receiver.answers.clear()
        stripe_sandbox.start(stripe_sandbox.port)
        receiver.wait(before + 1)

        assert {event.data.object.id for event in receiver.events()} == {customer}
        assert stripe_sandbox.client.v1.customers.retrieve(customer).email == "alice@example.com"
        [event] = {event.id for event in receiver.events()}
        is_over = lambda: stripe_sandbox.client.v1.events.retrieve(event).pending_webhooks == 0  # noqa: E731
        assert soon(is_over)
