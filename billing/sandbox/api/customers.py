"""Customers, each in a time of their own, and the test clocks that keep it."""

from billing.sandbox import engine
from billing.sandbox.api import answers
from billing.sandbox.api.resources import held
from billing.sandbox.errors import InvalidError
from billing.sandbox.parameters import Params
from billing.sandbox.store import Object
from billing.sandbox.world import World

CLOCK_DAYS = 30
_TEXTS = ("name", "email", "phone", "description")


def create(world: World, params: Params) -> Object:
    """Create a customer, and a test clock for one that brings none."""
    store = world.store
    customer_id = store.new_id("cus")
    clock_id = params.text("test_clock")
    if clock_id is None:
        clock_id = new_clock(world, name=customer_id, at=None)["id"]
    else:
        store.get("test_helpers.test_clock", clock_id, param="test_clock")
    customer: Object = {
        "id": customer_id,
        "object": "customer",
        "address": None,
        "balance": 0,
        "created": 0,
        "currency": None,
        "customer_account": None,
        "default_source": None,
        "delinquent": False,
        "description": None,
        "discount": None,
        "email": None,
        "invoice_prefix": customer_id[-8:].upper(),
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "livemode": False,
        "metadata": {},
        "name": None,
        "next_invoice_sequence": 1,
        "phone": None,
        "preferred_locales": [],
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": clock_id,
    }
    _fill(world, customer, params)
    customer["created"] = world.now(customer)
    method_id = params.text("payment_method")
    store.put(customer)
    world.emit("customer.created", customer)
    if method_id:
        from billing.sandbox.api.payment_methods import attach_to  # which needs customers, as these need it

        attach_to(world, method_id, customer)
    return customer


def change(world: World, params: Params, id: str) -> Object:
    """Change a customer."""
    customer = world.store.get("customer", id)
    _fill(world, customer, params)
    return world.update(customer, "customer.updated")


def delete(world: World, params: Params, id: str) -> Object:
    """Delete a customer: their subscriptions end at once, their cards are forgotten, what they paid stays."""
    return world.store.delete(engine.delete_customer(world, id))


def listed(world: World, params: Params) -> Object:
    """List customers."""
    return answers.page(world, params, "customer", "/v1/customers", **held(params, "email", "test_clock"))


def _fill(world: World, customer: Object, params: Params) -> None:
    for name in _TEXTS:
        if params.given(name):
            customer[name] = params.text(name)
    if params.given("address"):
        address = params.child("address")
        parts = ("city", "country", "line1", "line2", "postal_code", "state")
        customer["address"] = {part: address.text(part) for part in parts} if address else None
    if params.given("preferred_locales"):
        customer["preferred_locales"] = params.texts("preferred_locales")
    customer["metadata"] = params.metadata(customer["metadata"])
    settings = params.child("invoice_settings")
    if settings.given("default_payment_method"):
        method_id = settings.text("default_payment_method")
        if method_id and method_id != params.text("payment_method"):
            method = world.store.get(
                "payment_method", method_id, param="invoice_settings[default_payment_method]"
            )
            if method["customer"] != customer["id"]:
                raise InvalidError(
                    "The customer does not have a payment method with this ID.",
                    code="resource_missing",
                    param="invoice_settings[default_payment_method]",
                )
        customer["invoice_settings"]["default_payment_method"] = method_id


def new_clock(world: World, *, name: str | None, at: int | None) -> Object:
    """Keep and return a test clock that stands at `at`, or goes with the real time until it is advanced."""
    now = world.now()
    clock: Object = {
        "id": world.store.new_id("clock"),
        "object": "test_helpers.test_clock",
        "created": now,
        "deletes_after": now + CLOCK_DAYS * 24 * 3600,
        "frozen_time": now if at is None else at,
        "livemode": False,
        "name": name,
        "status": "ready",
        "status_details": {},
    }
    if at is None:
        world.store.note(clock["id"], follows=True)
    world.store.put(clock)
    world.emit("test_helpers.test_clock.created", clock)
    return clock


def create_clock(world: World, params: Params) -> Object:
    """Create a test clock that stands."""
    at = params.integer("frozen_time")
    if at is None:
        raise params.missing("frozen_time")
    return new_clock(world, name=params.text("name"), at=at)


def retrieve_clock(world: World, params: Params, id: str) -> Object:
    """Answer a test clock; one that goes with the real time says what it is."""
    return _told(world, world.store.get("test_helpers.test_clock", id))


def listed_clocks(world: World, params: Params) -> Object:
    """List test clocks."""
    found = answers.page(world, params, "test_helpers.test_clock", "/v1/test_helpers/test_clocks")
    found["data"] = [_told(world, clock) for clock in found["data"]]
    return found


def advance_clock(world: World, params: Params, id: str) -> Object:
    """Let the time of a clock pass, with all that falls due on the way; it is over when this answers."""
    to = params.integer("frozen_time")
    if to is None:
        raise params.missing("frozen_time")
    return advance(world, id, to)


def advance(world: World, clock_id: str, to: int) -> Object:
    """Let a clock go forward to `to`; InvalidError for a time that it has passed."""
    store, kind = world.store, "test_helpers.test_clock"
    with store.change():
        clock = _told(world, store.get(kind, clock_id))
        if to <= clock["frozen_time"]:
            raise InvalidError(
                "Test clocks can only be advanced to a time after their current frozen time.",
                param="frozen_time",
            )
        world.emit("test_helpers.test_clock.advancing", {**clock, "status": "advancing"})
        engine.advance(world, clock_id, to)
        world.set_clock(clock_id, to)
        clock = store.get(kind, clock_id)
        world.emit("test_helpers.test_clock.ready", clock)
    return clock


def _told(world: World, clock: Object) -> Object:
    return {**clock, "frozen_time": world.now()} if world.follows(clock["id"]) else clock
