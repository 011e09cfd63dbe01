"""Completes a checkout session with what somebody typed: a card, perhaps a promotion code."""

from billing.sandbox import cards, engine
from billing.sandbox.api import checkout, promotions
from billing.sandbox.errors import InvalidError
from billing.sandbox.store import Object
from billing.sandbox.world import World


def open_session(world: World, session_id: str) -> Object:
    """Return a session that can still be completed."""
    session = world.store.get(checkout.KIND, session_id)
    if session["status"] == "open" and session["expires_at"] <= world.now(session):
        with world.store.change():
            session = checkout.ended(world, session)
    if session["status"] != "open":
        raise InvalidError(f"This checkout session is {session['status']}.")
    return session


def set_code(world: World, session_id: str, typed: str) -> Object:
    """Give an open session the promotion code that was typed, or none, and return it with its new amounts."""
    with world.store.change():
        session = open_session(world, session_id)
        if not session["allow_promotion_codes"]:
            raise InvalidError("This checkout takes no promotion codes.", param="promotion_code")
        customer = world.store.get("customer", session["customer"])
        found = (
            [{"promotion_code": promotions.redeemable(world, typed, customer)["id"]}] if typed.strip() else []
        )
        world.store.note(session_id, discounts=found)
        return world.store.put(checkout.priced(world, session))


def needs_card(world: World, session: Object) -> bool:
    """Say whether completing the session takes a card: to be charged now, or kept for later."""
    always: bool = session["payment_method_collection"] == "always"
    return always or session["amount_total"] > 0


def complete(
    world: World,
    session_id: str,
    number: str,
    *,
    exp_month: int = 12,
    exp_year: int = 2040,
    name: str | None = None,
    delayed: str = "",
) -> Object:
    """Buy what the session is about; CardError when the card is declined, and nothing has happened."""
    with world.store.change():
        session = open_session(world, session_id)
        method_id = None
        if needs_card(world, session):
            details: Object = {"name": name, "email": session["customer_details"]["email"]}
            method = cards.new_payment_method(
                world, cards.card_of(number), exp_month=exp_month, exp_year=exp_year, details=details
            )
            method_id = method["id"]
            refusal = cards.decline_of(world, method_id, attended=True)
            if refusal:
                raise refusal
        return engine.complete_checkout(world, session, method_id, delayed=delayed)


def add_card(
    world: World,
    customer_id: str,
    number: str,
    *,
    exp_month: int = 12,
    exp_year: int = 2040,
    name: str | None = None,
) -> Object:
    """Attach a new card to a customer; CardError when its bank refuses."""
    with world.store.change():
        customer = world.store.get("customer", customer_id)
        method = cards.new_payment_method(
            world,
            cards.card_of(number),
            exp_month=exp_month,
            exp_year=exp_year,
            details={"name": name, "email": customer["email"]},
        )
        refusal = cards.decline_of(world, method["id"], attended=True)
        if refusal:
            raise refusal
        return cards.attach(world, method, customer)
