"""How pages write amounts, times, cards and objects."""

import json
from datetime import UTC, datetime
from typing import Any

from django.template import Library

register = Library()


@register.filter
def money(cents: int, currency: str = "usd") -> str:
    """Return an amount in words a customer reads: $29.00, −$4.50, 29.00 EUR."""
    sign = "−" if cents < 0 else ""
    figure = f"{abs(cents) / 100:,.2f}"
    return f"{sign}${figure}" if currency == "usd" else f"{sign}{figure} {currency.upper()}"


@register.filter
def day(stamp: int | None) -> str:
    """Return the date of a time in seconds: 3 May 2026."""
    return "" if stamp is None else f"{datetime.fromtimestamp(stamp, UTC):%-d %B %Y}"


@register.filter
def minute(stamp: float | None) -> str:
    """Return date and time to the minute, in UTC."""
    return "" if stamp is None else f"{datetime.fromtimestamp(stamp, UTC):%-d %b %Y, %H:%M} UTC"


@register.filter
def words(name: str) -> str:
    """Return a name of the API as words: past_due is Past due."""
    text = name.replace("_", " ")
    return text[:1].upper() + text[1:]


@register.filter
def left(charge: dict[str, Any]) -> str:
    """Return what of a charge has not gone back yet, as one types it: 4.50."""
    return f"{(charge['amount'] - charge['amount_refunded']) / 100:.2f}"


@register.filter
def card_name(method: dict[str, Any]) -> str:
    """Return how pages name a card: Visa •••• 4242, expires 12/2040."""
    card = method["card"]
    brand = card["brand"].title()
    return f"{brand} •••• {card['last4']}, expires {card['exp_month']:02}/{card['exp_year']}"


@register.filter
def pretty(obj: dict[str, Any]) -> str:
    """Return an object as indented JSON."""
    return json.dumps(obj, indent=2)
