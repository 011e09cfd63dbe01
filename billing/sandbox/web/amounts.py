"""How pages write amounts and times."""

from datetime import UTC, datetime

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
