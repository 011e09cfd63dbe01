"""The door to Stripe: what it reads, and that a change is made once however often it is asked for."""

import ast
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import transaction

from billing.models import StripeRequest
from billing.stripe import gateway
from billing.stripe.client import client
from billing.stripe.errors import Declined, NotSetUp, OutcomeUnknown, StripeRefused, StripeUnavailable
from config.common.clock import now
from config.common.errors import Conflict, Missing
from tests.credits.races import at_once

ROOT = Path(__file__).resolve().parents[3]


def _make_product(key="product:1", **parameters):
    given = {"name": "Ink", "metadata": {"atelier_product": "ink"}, **parameters}
    return gateway.request(operation="product.create", key=key, parameters=given)


def _products_named(sandbox, name):
    return [p for p in sandbox.client.v1.products.list({"limit": 100}).auto_paging_iter() if p.name == name]


def _silent(settings):
    """Nobody listens there."""
    settings.STRIPE_API_HOST = "http://127.0.0.1:9"
    settings.STRIPE_TIMEOUT = 0.3


# What may call Stripe.


def _imports(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _sources():
    apps = ("accounts", "credits", "billing", "objects", "orchestration", "adminpanel", "config")
    for path in (path for app in apps for path in (ROOT / app).rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        if not name.startswith(("billing/sandbox/", "billing/djstripe_migrations/")):
            yield name, list(_imports(path))


def test_one_module_uses_the_sdk_and_one_uses_that_module():
    with_sdk = {name for name, found in _sources() if any(i.split(".")[0] == "stripe" for i in found)}
    assert with_sdk == {"billing/stripe/client.py"}
    calling = {name for name, found in _sources() if {"billing.stripe.client.send"} & set(found)}
    assert calling == {"billing/stripe/gateway.py"}


def test_nobody_uses_what_calls_stripe_in_dj_stripe():
    calls = ("api_retrieve", "_api_create", "_api_update", "_api_delete", "api_list", "sync_from_stripe_data")
    for name, _ in _sources():
        text = (ROOT / name).read_text()
        assert [call for call in calls if f".{call}(" in text] == [], name


@pytest.mark.django_db
def test_no_call_inside_a_transaction(at_stripe):
    for call in (
        lambda: gateway.fetch("product", "prod_1"),
        lambda: list(gateway.list_all("product")),
        lambda: gateway.preview_invoice({}),
        lambda: _make_product(),
    ):
        with transaction.atomic(), pytest.raises(RuntimeError, match="inside a transaction"):
            call()
    assert not StripeRequest.objects.exists()


# Reading.


def test_fetch_answers_plain_dicts(at_stripe):
    made = at_stripe.client.v1.products.create({"name": "Paper"})
    found = gateway.fetch("product", made.id)
    assert type(found["metadata"]) in (dict, type(found))
    assert (found["id"], found["name"], found["object"]) == (made.id, "Paper", "product")


def test_fetch_of_what_is_not_there(at_stripe):
    with pytest.raises(Missing) as missing:
        gateway.fetch("product", "prod_none")
    assert missing.value.details == {"id": "prod_none"}


def test_deleted_customer_says_so(at_stripe):
    customer = at_stripe.client.v1.customers.create({"email": "gone@example.com"})
    at_stripe.client.v1.customers.delete(customer.id)
    assert gateway.fetch("customer", customer.id)["deleted"] is True


def test_lists_are_read_to_their_end(at_stripe, monkeypatch):
    monkeypatch.setattr(gateway, "_PAGE", 2)
    made = [at_stripe.client.v1.coupons.create({"percent_off": 10, "duration": "once"}) for _ in range(5)]
    monkeypatch.setitem(gateway.KINDS, "coupon", gateway.KINDS["product"].__class__(path="/v1/coupons"))
    found = [coupon["id"] for coupon in gateway.list_all("coupon")]
    assert found[:5] == [coupon.id for coupon in reversed(made)]


def test_events_since_of_some_types(at_stripe):
    since = datetime.now(UTC) - timedelta(seconds=2)
    product = at_stripe.client.v1.products.create({"name": "Event"})
    at_stripe.client.v1.products.update(product.id, {"name": "Events"})
    found = [
        (event["type"], event["data"]["object"]["id"])
        for event in gateway.list_events(since=since, types=("product.updated", "product.created"))
    ]
    assert [kind for kind, object_id in found if object_id == product.id] == [
        "product.updated",
        "product.created",
    ]
    many = (*(f"product.kind_{number}" for number in range(25)), "product.updated")
    updates = [e["data"]["object"]["id"] for e in gateway.list_events(since=since, types=many)]
    assert product.id in updates
    assert list(gateway.list_events(since=datetime.now(UTC) + timedelta(minutes=1))) == []


# Changes, written down.


@pytest.mark.django_db
def test_change_is_written_down_before_and_settled_after(at_stripe, monkeypatch):
    seen = []
    real = gateway.send

    def look(*args, **kwargs):
        row = StripeRequest.objects.get(key="product:1")
        seen.append((row.state, str(row.pk) == kwargs["key"]))
        return real(*args, **kwargs)

    monkeypatch.setattr(gateway, "send", look)
    made = _make_product()
    assert seen == [("pending", True)]
    row = StripeRequest.objects.get()
    assert (row.state, row.result_id, row.operation) == ("done", made["id"], "product.create")
    assert made["metadata"] == {"atelier_product": "ink", "atelier_request": str(row.pk)}
    assert row.finished_at >= row.sent_at >= row.created_at


@pytest.mark.django_db
def test_same_key_again_gives_what_was_made_as_it_is_now(at_stripe):
    made = _make_product()
    at_stripe.client.v1.products.update(made["id"], {"name": "Ink, black"})
    again = _make_product()
    assert (again["id"], again["name"]) == (made["id"], "Ink, black")
    assert StripeRequest.objects.count() == 1


@pytest.mark.django_db
def test_same_key_for_another_request_conflicts(at_stripe):
    made = _make_product()
    for other in ({"name": "Blood"}, {"metadata": {}}):
        with pytest.raises(Conflict):
            _make_product(**other)
    with pytest.raises(Conflict):
        gateway.request(
            operation="product.update", key="product:1", target=made["id"], parameters={"name": "Ink"}
        )
    assert len(_products_named(at_stripe, "Blood")) == 0


@pytest.mark.django_db
def test_refusal_is_kept_and_given_again_without_asking(at_stripe, settings):
    def change():
        return gateway.request(
            operation="product.update", key="u", target="prod_none", parameters={"name": "A"}
        )

    with pytest.raises(StripeRefused) as first:
        change()
    assert (first.value.status, first.value.details) == (409, {"code": "resource_missing"})
    row = StripeRequest.objects.get()
    assert (row.state, row.error_code, row.is_declined) == ("refused", "resource_missing", False)
    _silent(settings)
    with pytest.raises(StripeRefused, match=r"No such product") as again:
        change()
    assert again.value.details == first.value.details


@pytest.mark.django_db
def test_declined_card_says_so_in_stripe_s_words(at_stripe, settings):
    def make():
        card = {"email": "a@example.com", "payment_method": "pm_card_chargeDeclinedInsufficientFunds"}
        return gateway.request(operation="customer.create", key="c", parameters=card)

    with pytest.raises(Declined, match=r"^Your card has insufficient funds\.$") as declined:
        make()
    assert (declined.value.status, declined.value.code) == (402, "card_declined")
    assert declined.value.details == {"code": "insufficient_funds"}
    row = StripeRequest.objects.get()
    assert (row.state, row.is_declined, row.parameters) == (
        "refused", True, {"payment_method": "pm_card_chargeDeclinedInsufficientFunds"},
    )  # fmt: skip
    _silent(settings)
    with pytest.raises(Declined, match=r"^Your card has insufficient funds\.$"):
        make()


@pytest.mark.django_db
def test_names_and_addresses_are_forgotten_and_make_no_other_request(at_stripe):
    def make(email):
        given = {"email": email, "name": "Alice", "metadata": {"n": "1"}}
        return gateway.request(operation="customer.create", key="c", parameters=given)

    made = make("alice@example.com")
    assert StripeRequest.objects.get().parameters == {"metadata": {"n": "1"}}
    assert make("alicia@example.com")["id"] == made["id"]


@pytest.mark.django_db
def test_session_that_cannot_be_asked_for_again_conflicts(at_stripe):
    customer = at_stripe.client.v1.customers.create({"email": "p@example.com"})
    at_stripe.client.v1.billing_portal.configurations.create(
        {"features": {"invoice_history": {"enabled": True}}}
    )

    def open_portal():
        given = {"customer": customer.id}
        return gateway.request(operation="billing_portal.session.create", key="portal:1", parameters=given)

    assert open_portal()["url"].startswith(at_stripe.url)
    with pytest.raises(Conflict, match="opened already"):
        open_portal()


# When Stripe does not answer.


@pytest.mark.django_db
def test_unreachable_says_what_to_do_and_leaves_the_request_open(at_stripe, settings):
    _silent(settings)
    with pytest.raises(StripeUnavailable, match="Nothing was charged; try again") as unavailable:
        _make_product()
    assert (unavailable.value.status, unavailable.value.retry_after) == (503, 60)
    with pytest.raises(OutcomeUnknown, match="you will not be charged twice"):
        gateway.request(operation="subscription.update", key="s", target="sub_1", parameters={"items": []})
    assert set(StripeRequest.objects.values_list("state", "finished_at")) == {("pending", None)}
    settings.STRIPE_API_HOST, settings.STRIPE_TIMEOUT = at_stripe.url, 8.0
    made = _make_product()
    row = StripeRequest.objects.get(key="product:1")
    assert (row.state, row.result_id) == ("done", made["id"])


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", "sk_test_sandboxAnotherKeyOfTheSame"])
def test_without_a_key_that_stripe_takes_nothing_is_sold(at_stripe, settings, key):
    settings.STRIPE_SECRET_KEY = key
    with pytest.raises(NotSetUp, match="Nothing was charged") as not_set_up:
        _make_product()
    assert not_set_up.value.status == 503
    assert StripeRequest.objects.get().state == "pending"


@pytest.mark.django_db
def test_slow_answer_is_not_waited_for_longer_than_set(at_stripe, settings):
    settings.STRIPE_TIMEOUT = 0.2
    at_stripe.dials(latency=1.0)
    began = datetime.now(UTC)
    with pytest.raises(StripeUnavailable):
        gateway.fetch("product", "prod_1")
    assert datetime.now(UTC) - began < timedelta(seconds=6)  # three tries and the pauses between them


def test_key_and_version_are_the_studio_s(at_stripe):
    assert client() is client()
    assert client()._requestor._options.stripe_version == "2026-08-26.dahlia"
    assert client()._requestor._options.max_network_retries == 2


def _cut_and_ask_again(at_stripe, trials):
    """Stripe carries out each creation and cuts the connection, also for both retries; then we ask again."""
    name = f"Cut {uuid4().hex}"
    for number in range(trials):
        at_stripe.dials(cut=3, cut_path="/v1/products")
        with pytest.raises(StripeUnavailable):
            _make_product(f"cut:{name}:{number}", name=name)
        assert _make_product(f"cut:{name}:{number}", name=name)["name"] == name
    return len(_products_named(at_stripe, name))


@pytest.mark.django_db
def test_b16_answer_that_was_cut_off_makes_nothing_twice(at_stripe, monkeypatch):
    monkeypatch.setattr("stripe._http_client.HTTPClient.INITIAL_DELAY", 0.001)
    assert _cut_and_ask_again(at_stripe, 10) == 10
    assert StripeRequest.objects.filter(state="done").count() == 10


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.django_db
def test_b16_none_twice_in_200(at_stripe, monkeypatch):
    monkeypatch.setattr("stripe._http_client.HTTPClient.INITIAL_DELAY", 0.001)
    assert _cut_and_ask_again(at_stripe, 200) == 200


@pytest.mark.django_db
def test_without_the_key_the_cut_would_make_it_twice(at_stripe):
    """The control: the same, each time under a key of its own."""
    name = f"Uncontrolled {uuid4().hex}"
    at_stripe.dials(cut=1, cut_path="/v1/products")
    sdk = at_stripe.client
    with pytest.raises(Exception, match="communicating with Stripe"):
        sdk.v1.products.create({"name": name})
    sdk.v1.products.create({"name": name})
    assert len(_products_named(at_stripe, name)) == 2


@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_under_one_key_make_one(at_stripe):
    name = f"Race {uuid4().hex}"
    made = at_once(*[lambda: _make_product(f"race:{name}", name=name)["id"]] * 20)
    assert len(set(made)) == 1
    assert len(_products_named(at_stripe, name)) == 1
    assert StripeRequest.objects.get(key=f"race:{name}").result_id == made[0]


# After Stripe has forgotten the Idempotency-Key.


def _lost(operation, *, target="", key="lost:1", **parameters):
    """A request whose answer never came, of yesterday."""
    moment = now() - timedelta(hours=23, minutes=1)
    return StripeRequest.objects.create(
        operation=operation, key=key, target=target, parameters=parameters, created_at=moment, sent_at=moment
    )


@pytest.mark.django_db
def test_old_request_is_looked_up_and_never_sent_again(at_stripe):
    row = _lost("product.create", name="Ink", metadata={"atelier_product": "ink"})
    made = at_stripe.client.v1.products.create({"name": "Ink", "metadata": {"atelier_request": str(row.pk)}})
    StripeRequest.objects.filter(pk=row.pk).update(sent_at=now())
    before = len(_products_named(at_stripe, "Ink"))
    assert _make_product("lost:1")["id"] == made.id
    row.refresh_from_db()
    assert (row.state, row.result_id) == ("done", made.id)
    assert len(_products_named(at_stripe, "Ink")) == before


@pytest.mark.django_db
def test_old_request_that_never_arrived_is_spent(at_stripe):
    _lost("product.create", name="Ink", metadata={"atelier_product": "ink"})
    before = len(_products_named(at_stripe, "Ink"))
    for _ in range(2):
        with pytest.raises(StripeRefused, match="never reached Stripe") as refused:
            _make_product("lost:1")
        assert refused.value.details == {"code": "lost"}
    assert len(_products_named(at_stripe, "Ink")) == before


@pytest.mark.django_db
def test_change_is_found_on_what_it_changed(at_stripe):
    product = at_stripe.client.v1.products.create({"name": "Ink"})
    arrived = _lost("product.update", target=product.id, name="Inks")
    lost = _lost("product.update", key="lost:2", target=product.id, name="Inkwell")
    at_stripe.client.v1.products.update(product.id, {"metadata": {"atelier_request": str(arrived.pk)}})
    assert (gateway.settle(arrived).state, arrived.result_id) == ("done", product.id)
    assert (gateway.settle(lost).state, lost.error_code) == ("refused", "lost")


@pytest.mark.django_db
def test_removal_is_found_by_what_is_gone(at_stripe):
    endpoint = at_stripe.client.v1.webhook_endpoints.create(
        {"url": "http://localhost:1/", "enabled_events": ["product.created"]}
    )
    row = _lost("webhook_endpoint.delete", target=endpoint.id)
    there = _lost("webhook_endpoint.delete", key="lost:2", target=endpoint.id)
    assert gateway.settle(there).state == "refused"
    at_stripe.client.v1.webhook_endpoints.delete(endpoint.id)
    assert gateway.settle(row).state == "done"
    assert gateway.request(
        operation="webhook_endpoint.delete", key="lost:1", target=endpoint.id, parameters={}
    ) == {"id": endpoint.id, "deleted": True}


@pytest.mark.django_db
def test_session_that_never_came_is_spent(at_stripe):
    assert gateway.settle(_lost("billing_portal.session.create", customer="cus_1")).state == "refused"


@pytest.mark.django_db
def test_unsettled_are_the_pending_from_before_the_oldest_first(at_stripe):
    old, older = _lost("product.create"), _lost("product.create", key="lost:2")
    StripeRequest.objects.filter(pk=older.pk).update(created_at=now() - timedelta(days=2))
    _lost("product.create", key="lost:3")
    StripeRequest.objects.filter(key="lost:3").update(created_at=now())
    found = StripeRequest.objects.unsettled(before=now() - gateway.KEY_LIFE)
    assert [row.pk for row in found] == [older.pk, old.pk]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("operation", "parameters"),
    [
        ("subscription_schedule.create", {"from_subscription": "sub_of_another_account"}),
        ("checkout.session.create", {"customer": "cus_of_another_account"}),
        ("refund.create", {"payment_intent": "pi_of_another_account"}),
    ],
)
def test_request_whose_subject_is_gone_is_spent(at_stripe, operation, parameters):
    """Else it would stay pending for ever, and be told of every day."""
    row = gateway.settle(_lost(operation, **parameters))
    assert (row.state, row.error_code) == ("refused", "lost")


@pytest.mark.django_db
def test_unreachable_stripe_settles_nothing(at_stripe, settings):
    row = _lost("product.update", target="prod_1", name="Ink")
    _silent(settings)
    with pytest.raises(StripeUnavailable):
        gateway.settle(row)
    row.refresh_from_db()
    assert row.state == "pending"


@pytest.mark.django_db
def test_key_that_stripe_knows_with_another_body_is_looked_up(at_stripe):
    """As when an upgrade between two tries writes a request otherwise: the first may have been carried out."""
    name = f"Upgraded {uuid4().hex}"
    made = _make_product("upgrade:1", name=name)
    for change in ({"parameters": {"name": name, "metadata": {}}}, {}):
        StripeRequest.objects.update(state="pending", result_id="", finished_at=None, **change)
        parameters = StripeRequest.objects.get().parameters
        again = gateway.request(operation="product.create", key="upgrade:1", parameters=parameters)
        assert again["id"] == made["id"]
        assert StripeRequest.objects.get().state == "done"
    assert len(_products_named(at_stripe, name)) == 1


# What there must be one of.


@pytest.mark.django_db
def test_make_makes_one_and_another_where_it_is_gone(at_stripe):
    def make():
        return gateway.make(operation="customer.create", key="one", parameters={"metadata": {"who": "me"}})[
            "id"
        ]

    first = make()
    assert make() == first
    at_stripe.client.v1.customers.delete(first)
    second = make()
    assert second not in (first, None)
    assert make() == second
