"""Requests to the API: keys, errors in Stripe's shapes, idempotency, and a connection that is cut."""

import threading

import httpx
import pytest
import stripe

from tests.billing.sandbox import shop
from tests.support.stripe import StripeSandbox


def post(
    sandbox: StripeSandbox, path: str, data: dict[str, str], key: str = "", secret: str | None = None
) -> httpx.Response:
    headers = {
        "Authorization": f"Bearer {secret or sandbox.key}",
        **({"Idempotency-Key": key} if key else {}),
    }
    return httpx.post(f"{sandbox.url}/v1/{path}", data=data, headers=headers, timeout=30)


@pytest.mark.parametrize("secret", ["sk_test_51abc", "sk_live_51abc", "sk_test_sandboxButAnotherOne"])
def test_request_with_another_key_is_refused(stripe_sandbox: StripeSandbox, secret: str) -> None:
    answer = post(stripe_sandbox, "customers", {}, secret=secret)

    assert answer.status_code == 401
    assert answer.json()["error"]["type"] == "invalid_request_error"
    assert secret not in answer.text


def test_request_without_a_key_is_refused(stripe_sandbox: StripeSandbox) -> None:
    assert httpx.get(f"{stripe_sandbox.url}/v1/account").status_code == 401


def test_basic_authentication_is_accepted(stripe_sandbox: StripeSandbox) -> None:
    answer = httpx.get(f"{stripe_sandbox.url}/v1/account", auth=(stripe_sandbox.key, ""))

    assert answer.status_code == 200
    assert answer.headers["Request-Id"].startswith("req_")


def test_missing_object_is_stripes_404(stripe_sandbox: StripeSandbox) -> None:
    with pytest.raises(stripe.InvalidRequestError) as caught:
        stripe_sandbox.client.v1.customers.retrieve("cus_nobody")

    error = caught.value
    assert (error.http_status, error.code, error.param) == (404, "resource_missing", "id")
    assert error.user_message == "No such customer: 'cus_nobody'"


def test_unknown_parameter_changes_nothing_and_is_named(stripe_sandbox: StripeSandbox) -> None:
    before = stripe_sandbox.client.v1.customers.list({"limit": 1}).data[:1]
    answer = post(stripe_sandbox, "customers", {"email": "a@example.com", "tax[ip_address]": "x"})

    assert answer.status_code == 400
    assert answer.json()["error"] == {
        "type": "invalid_request_error",
        "code": "parameter_unknown",
        "param": "tax",
        "message": "Received unknown parameter: tax",
    }
    assert [c.id for c in stripe_sandbox.client.v1.customers.list({"limit": 1}).data] == [
        c.id for c in before
    ]


def test_unknown_path_is_an_error_in_stripes_shape(stripe_sandbox: StripeSandbox) -> None:
    answer = post(stripe_sandbox, "payouts", {})

    assert answer.status_code == 404
    assert answer.json()["error"]["type"] == "invalid_request_error"


def test_same_key_and_body_are_answered_from_memory(stripe_sandbox: StripeSandbox) -> None:
    key = f"key-{shop.customer(stripe_sandbox)}"
    first = post(stripe_sandbox, "customers", {"email": "once@example.com"}, key)
    again = post(stripe_sandbox, "customers", {"email": "once@example.com"}, key)

    assert again.json() == first.json()
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.headers["Request-Id"] == first.headers["Request-Id"]
    events = stripe_sandbox.client.v1.events.list({"type": "customer.created", "limit": 100})
    mine = [event for event in events.data if event.data.object["id"] == first.json()["id"]]
    assert len(mine) == 1
    assert mine[0].to_dict()["request"] == {"id": first.headers["Request-Id"], "idempotency_key": key}


@pytest.mark.parametrize("path", ["customers", "products"])
def test_same_key_and_another_request_is_refused(stripe_sandbox: StripeSandbox, path: str) -> None:
    key = f"key-{shop.customer(stripe_sandbox)}"
    post(stripe_sandbox, "customers", {"email": "once@example.com"}, key)
    answer = post(stripe_sandbox, path, {"name": "other"}, key)

    assert answer.status_code == 400
    assert answer.json()["error"]["type"] == "idempotency_error"


def test_refused_parameters_are_not_remembered(stripe_sandbox: StripeSandbox) -> None:
    key = f"key-{shop.customer(stripe_sandbox)}"

    assert post(stripe_sandbox, "products", {}, key).status_code == 400
    assert post(stripe_sandbox, "products", {"name": "Starter"}, key).status_code == 200


def test_decline_is_remembered(stripe_sandbox: StripeSandbox) -> None:
    customer = shop.customer(stripe_sandbox)
    path = "payment_methods/pm_card_chargeDeclined/attach"
    answers = [post(stripe_sandbox, path, {"customer": customer}, f"key-{customer}") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [402, 402]
    assert answers[1].headers["Idempotent-Replayed"] == "true"
    assert answers[0].json()["error"]["code"] == "card_declined"
    assert answers[0].json()["error"]["decline_code"] == "generic_decline"


def test_same_key_at_the_same_time_is_told_to_wait_and_makes_one_object(
    stripe_sandbox: StripeSandbox,
) -> None:
    key, answers = f"key-{shop.customer(stripe_sandbox)}", []
    stripe_sandbox.dials(latency=0.5)

    def create() -> None:
        answers.append(post(stripe_sandbox, "customers", {"email": "race@example.com"}, key))

    threads = [threading.Thread(target=create) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    stripe_sandbox.dials(latency=0.0)
    made = [answer.json()["id"] for answer in answers if answer.status_code == 200]
    waits = [answer.json()["error"] for answer in answers if answer.status_code == 409]
    assert (len(made), len(waits)) == (1, 7)
    assert {(error["type"], error["code"]) for error in waits} == {
        ("idempotency_error", "idempotency_key_in_use")
    }
    again = post(stripe_sandbox, "customers", {"email": "race@example.com"}, key)
    assert (again.status_code, again.json()["id"]) == (200, made[0])
    assert len(stripe_sandbox.client.v1.customers.list({"email": "race@example.com"}).data) == 1


def test_key_that_is_in_use_is_sent_again_by_the_sdk_until_there_is_an_answer(
    stripe_sandbox: StripeSandbox,
) -> None:
    key, ids = f"key-{shop.customer(stripe_sandbox)}", []
    client = stripe.StripeClient(
        stripe_sandbox.key, base_addresses={"api": stripe_sandbox.url}, max_network_retries=2
    )
    stripe_sandbox.dials(latency=0.3)

    def create() -> None:
        made = client.v1.customers.create({"email": "both@example.com"}, {"idempotency_key": key})
        ids.append(made.id)

    threads = [threading.Thread(target=create) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(ids) == 2
    assert len(set(ids)) == 1


def test_refusal_of_what_was_begun_is_remembered(stripe_sandbox: StripeSandbox) -> None:
    """Stripe saves a result once a request has begun: the same key does not try anew."""
    customer = shop.customer(stripe_sandbox)
    path, data, key = "invoices", {"customer": customer}, f"key-{customer}"
    first = post(stripe_sandbox, path, data, key)
    post(stripe_sandbox, "invoiceitems", {"customer": customer, "amount": "900", "currency": "usd"})
    again = post(stripe_sandbox, path, data, key)

    assert first.json()["error"]["code"] == "invoice_no_customer_line_items"
    assert (again.status_code, again.json()) == (400, first.json())
    assert again.headers["Idempotent-Replayed"] == "true"
    assert post(stripe_sandbox, path, data, f"{key}-2").status_code == 200


def test_key_means_nothing_with_a_delete(stripe_sandbox: StripeSandbox) -> None:
    product = stripe_sandbox.client.v1.products.create({"name": "Gone"}).id
    headers = {"Authorization": f"Bearer {stripe_sandbox.key}", "Idempotency-Key": f"key-{product}"}
    url = f"{stripe_sandbox.url}/v1/products/{product}"

    assert [httpx.delete(url, headers=headers).status_code for _ in range(2)] == [200, 404]


def test_what_a_parameter_names_and_does_not_exist_is_a_400(stripe_sandbox: StripeSandbox) -> None:
    answer = post(stripe_sandbox, "subscriptions", {"customer": "cus_none", "items[0][price]": "price_none"})

    assert answer.status_code == 400
    assert (answer.json()["error"]["code"], answer.json()["error"]["param"]) == (
        "resource_missing",
        "customer",
    )


def test_cut_connection_has_committed_and_the_sdk_finds_it(stripe_sandbox: StripeSandbox) -> None:
    stripe_sandbox.dials(cut=1, cut_path="/v1/customers")
    email = "cut@example.com"
    with pytest.raises(stripe.APIConnectionError):
        stripe_sandbox.client.v1.customers.create({"email": email}, {"idempotency_key": "cut-1"})
    again = stripe_sandbox.client.v1.customers.create({"email": email}, {"idempotency_key": "cut-1"})

    found = stripe_sandbox.client.v1.customers.list({"email": email}).data
    assert [customer.id for customer in found] == [again.id]
    assert stripe_sandbox.dials()["cut"] == 0


def test_cut_connection_without_a_key_makes_two_objects(stripe_sandbox: StripeSandbox) -> None:
    """The positive control of the test above."""
    stripe_sandbox.dials(cut=1)
    with pytest.raises(httpx.TransportError):
        post(stripe_sandbox, "customers", {"email": "twice@example.com"})
    post(stripe_sandbox, "customers", {"email": "twice@example.com"})

    assert len(stripe_sandbox.client.v1.customers.list({"email": "twice@example.com"}).data) == 2


def test_version_that_is_asked_for_is_named(stripe_sandbox: StripeSandbox) -> None:
    headers = {"Authorization": f"Bearer {stripe_sandbox.key}", "Stripe-Version": "2026-08-26.dahlia"}

    answer = httpx.get(f"{stripe_sandbox.url}/v1/account", headers=headers)

    assert answer.headers["Stripe-Version"] == "2026-08-26.dahlia"
