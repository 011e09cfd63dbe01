"""The test cards: what each is, and which payments it declines."""

from dataclasses import dataclass
from datetime import UTC, datetime

from billing.sandbox.errors import CardError, InvalidError
from billing.sandbox.store import Object
from billing.sandbox.world import World


@dataclass(frozen=True)
class Card:
    """A test card: its number, its face, and why it declines (empty: it pays)."""

    number: str
    brand: str
    alias: str
    decline: str = ""
    only_unattended: bool = False
    """True where it pays while its owner is there, and declines every payment after that."""

    refunds: str = ""
    """How its refunds go: at once, `late` (pending, then through), or `fails` (through, then failed)."""
    disputed: bool = False
    """True where its owner disputes each payment."""

    @property
    def last4(self) -> str:
        """The four digits that may be shown."""
        return self.number[-4:]


CARDS = {
    card.number: card
    for card in (
        Card("4242424242424242", "visa", "pm_card_visa"),
        Card("5555555555554444", "mastercard", "pm_card_mastercard"),
        Card("4000000000000341", "visa", "pm_card_chargeCustomerFail", "generic_decline", True),
        Card("4000000000000002", "visa", "pm_card_chargeDeclined", "generic_decline"),
        Card("4000000000009995", "visa", "pm_card_chargeDeclinedInsufficientFunds", "insufficient_funds"),
        Card("4000000000000069", "visa", "pm_card_chargeDeclinedExpiredCard", "expired_card"),
        Card("4000000000000127", "visa", "pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc"),
        Card("4000000000000119", "visa", "pm_card_chargeDeclinedProcessingError", "processing_error"),
        Card("4000002760003184", "visa", "pm_card_authenticationRequired", "authentication_required", True),
        Card("4000002500003155", "visa", "pm_card_authenticationRequiredOnSetup"),
        Card("4000000000007726", "visa", "pm_card_pendingRefund", refunds="late"),
        Card("4000000000005126", "visa", "pm_card_refundFail", refunds="fails"),
        Card("4000000000000259", "visa", "pm_card_createDispute", disputed=True),
    )
}
ALIASES = {card.alias: card for card in CARDS.values()}

_OWN_CODES = ("authentication_required", "expired_card", "incorrect_cvc", "processing_error")
"""Declines that have an error code of their own; all others are `card_declined`."""

_MESSAGES = {
    "expired_card": "Your card has expired.",
    "incorrect_cvc": "Your card's security code is incorrect.",
    "processing_error": "An error occurred while processing your card. Try again in a little bit.",
    "authentication_required": "Your card was declined. This transaction requires authentication.",
    "generic_decline": "Your card was declined.",
    "insufficient_funds": "Your card has insufficient funds.",
}


def card_of(number: str) -> Card:
    """Return the test card with this number, typed with or without spaces; CardError for any other."""
    card = CARDS.get("".join(number.split()))
    if card is None:
        raise CardError(
            "Your card was declined. Your request was in test mode, but used a non test card.",
            decline_code="test_mode_live_card",
        )
    return card


def new_payment_method(
    world: World, card: Card, *, exp_month: int = 12, exp_year: int = 2040, details: Object | None = None
) -> Object:
    """Keep and return a payment method for `card`, attached to nobody; CardError where it has expired."""
    today = datetime.fromtimestamp(world.now(), UTC)
    if (exp_year, exp_month) < (today.year, today.month):
        part = "year" if exp_year < today.year else "month"
        message = f"Your card's expiration {part} is invalid."
        raise CardError(message, code=f"invalid_expiry_{part}", param=f"exp_{part}")
    method: Object = {
        "id": world.store.new_id("pm"),
        "object": "payment_method",
        "allow_redisplay": "unspecified",
        "billing_details": {
            "address": None,
            "email": None,
            "name": None,
            "phone": None,
            "tax_id": None,
            **(details or {}),
        },
        "card": {
            "brand": card.brand,
            "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"},
            "country": "US",
            "display_brand": card.brand,
            "exp_month": exp_month,
            "exp_year": exp_year,
            "fingerprint": f"sandbox{card.number[-9:]}",
            "funding": "credit",
            "generated_from": None,
            "last4": card.last4,
            "networks": {"available": [card.brand], "preferred": None},
            "regulated_status": "unregulated",
            "three_d_secure_usage": {"supported": True},
            "wallet": None,
        },
        "created": world.now(),
        "customer": None,
        "customer_account": None,
        "livemode": False,
        "metadata": {},
        "type": "card",
    }
    world.store.note(method["id"], number=card.number)
    return world.store.put(method)


def attach(world: World, method: Object, customer: Object) -> Object:
    """Give a payment method to a customer, for good; emits payment_method.attached."""
    if method["customer"] not in (None, customer["id"]):
        raise InvalidError("The payment method you provided has already been attached to a customer.")
    if method["customer"] is None:
        method["customer"] = customer["id"]
        world.store.put(method)
        world.emit("payment_method.attached", method)
    return method


def decline_of(world: World, payment_method_id: str, *, attended: bool) -> CardError | None:
    """Return why a payment with this method would be declined, or None when it goes through.

    `attended`: the card's owner is there (checkout, a payment page), as against a renewal.
    """
    card = CARDS[world.store.notes(payment_method_id)["number"]]
    if not card.decline or (card.only_unattended and attended):
        return None
    code = card.decline if card.decline in _OWN_CODES else "card_declined"
    return CardError(_MESSAGES[card.decline], code=code, decline_code=card.decline)
