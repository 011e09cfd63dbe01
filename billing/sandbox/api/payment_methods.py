"""Payment methods: cards of customers."""

from billing.sandbox import cards
from billing.sandbox.api import answers
from billing.sandbox.api.resources import held
from billing.sandbox.errors import CardError, InvalidError
from billing.sandbox.parameters import Params
from billing.sandbox.store import Object
from billing.sandbox.world import World


def create(world: World, params: Params) -> Object:
    """Create a payment method for a card, given by a test number or a token such as tok_visa."""
    if params.choice("type", ("card",)) is None:
        raise params.missing("type")
    card, details = params.child("card"), params.child("billing_details")
    token = card.text("token")
    if token:
        found = cards.ALIASES.get(token.replace("tok_", "pm_card_", 1))
        if found is None:
            raise InvalidError(f"No such token: '{token}'", code="resource_missing", param="card[token]")
    else:
        found = cards.card_of(card.required("number"))
    method = cards.new_payment_method(
        world,
        found,
        exp_month=card.integer("exp_month", 12, least=1, most=12) or 12,
        exp_year=card.integer("exp_year", 2040, least=2000) or 2040,
        details={name: details.text(name) for name in ("name", "email", "phone") if details.given(name)},
    )
    card.text("cvc")
    method["metadata"] = params.metadata()
    return world.store.put(method)


def change(world: World, params: Params, id: str) -> Object:
    """Change the metadata, the name on the card, or when it expires."""
    method = world.store.get("payment_method", id)
    details, card = params.child("billing_details"), params.child("card")
    for name in ("name", "email", "phone"):
        if details.given(name):
            method["billing_details"][name] = details.text(name)
    for name in ("exp_month", "exp_year"):
        method["card"][name] = card.integer(name, method["card"][name])
    method["metadata"] = params.metadata(method["metadata"])
    return world.update(method, "payment_method.updated")


def attach(world: World, params: Params, id: str) -> Object:
    """Attach a payment method to a customer; an alias such as pm_card_visa makes a new one."""
    customer = world.store.get("customer", params.required("customer"), param="customer")
    return attach_to(world, id, customer)


def attach_to(world: World, method_id: str, customer: Object) -> Object:
    """Attach a payment method or a new one of a well-known card; a card that its bank refuses is refused."""
    if method_id in cards.ALIASES:
        method = cards.new_payment_method(world, cards.ALIASES[method_id])
    else:
        method = world.store.get("payment_method", method_id, param="payment_method")
    refusal: CardError | None = cards.decline_of(world, method["id"], attended=True)
    if refusal:
        raise refusal
    return cards.attach(world, method, customer)


def detach(world: World, params: Params, id: str) -> Object:
    """Take a payment method from its customer, who cannot pay with it any more."""
    method = world.store.get("payment_method", id)
    if method["customer"] is None:
        raise InvalidError("The payment method you provided is not attached to a customer.")
    return detach_from_customer(world, method)


def detach_from_customer(world: World, method: Object) -> Object:
    """Detach, wherever it is the default too."""
    customer = world.store.look("customer", method["customer"])
    if customer and customer["invoice_settings"]["default_payment_method"] == method["id"]:
        customer["invoice_settings"]["default_payment_method"] = None
        world.update(customer, "customer.updated")
    for subscription in world.store.find("subscription", default_payment_method=method["id"]):
        subscription["default_payment_method"] = None
        world.update(subscription, "customer.subscription.updated")
    former = method["customer"]
    method["customer"] = None
    world.store.put(method)
    world.emit("payment_method.detached", method, {"customer": former})
    return method


def listed(world: World, params: Params) -> Object:
    """List payment methods."""
    equal = held(params, "customer", "type")
    return answers.page(world, params, "payment_method", "/v1/payment_methods", **equal)


def of_customer(world: World, params: Params, id: str) -> Object:
    """List the payment methods of a customer."""
    world.store.get("customer", id)
    url = f"/v1/customers/{id}/payment_methods"
    return answers.page(world, params, "payment_method", url, customer=id, **held(params, "type"))


def one_of_customer(world: World, params: Params, id: str, method: str) -> Object:
    """Answer one payment method of a customer."""
    found = world.store.get("payment_method", method, param="payment_method")
    if found["customer"] != id:
        raise InvalidError(
            "The customer does not have a payment method with this ID.", code="resource_missing"
        )
    return found
