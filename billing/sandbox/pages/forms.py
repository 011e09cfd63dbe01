"""The forms of the pages; every field keeps what was typed."""

import re
from decimal import Decimal
from typing import Any

from django import forms

from billing.sandbox.cards import CARDS
from billing.sandbox.errors import ApiError

_WIDE = {"class": "input", "autocomplete": "off"}
_FIGURES = {**_WIDE, "class": "input num", "inputmode": "numeric"}


class CardForm(forms.Form):
    """A card, as it is typed."""

    number = forms.CharField(
        label="Card number",
        max_length=30,
        widget=forms.TextInput({**_FIGURES, "placeholder": "4242 4242 4242 4242", "list": "test-cards"}),
    )
    expiry = forms.CharField(
        label="Expires", max_length=9, widget=forms.TextInput({**_FIGURES, "placeholder": "12 / 40"})
    )
    cvc = forms.CharField(
        label="CVC", max_length=4, widget=forms.TextInput({**_FIGURES, "placeholder": "123"})
    )
    name = forms.CharField(label="Name on the card", max_length=100, widget=forms.TextInput(_WIDE))

    def clean_number(self) -> str:
        """Return the digits; refuse what no card could be."""
        digits = re.sub(r"[\s-]", "", self.cleaned_data["number"])
        if not re.fullmatch(r"\d{12,19}", digits) or not _luhn(digits):
            raise forms.ValidationError("Your card number is not complete, or a digit is wrong.")
        return digits

    def clean_expiry(self) -> tuple[int, int]:
        """Return month and year."""
        match = re.fullmatch(r"\s*(\d{1,2})\s*/?\s*(\d{2}|\d{4})\s*", self.cleaned_data["expiry"])
        month, year = (int(match[1]), int(match[2]) % 100 + 2000) if match else (0, 0)
        if not 1 <= month <= 12:
            raise forms.ValidationError("Give the month and the year, for example 12 / 40.")
        return month, year

    def clean_cvc(self) -> str:
        """Return the three or four digits; which ones does not matter."""
        if not re.fullmatch(r"\d{3,4}", self.cleaned_data["cvc"]):
            raise forms.ValidationError("Three or four digits; any will do.")
        return str(self.cleaned_data["cvc"])

    def refuse(self, error: ApiError) -> str:
        """Take in why the card was refused: at the field that is wrong, else return it for above the form."""
        if (error.param or "").startswith("exp_"):
            self.add_error("expiry", error.message)
            return ""
        return error.message

    @property
    def card(self) -> dict[str, Any]:
        """What was typed, as `paying` wants it."""
        month, year = self.cleaned_data["expiry"]
        return {
            "number": self.cleaned_data["number"],
            "exp_month": month,
            "exp_year": year,
            "name": self.cleaned_data["name"],
        }


def prefilled(number: str) -> dict[str, str]:
    """Return what a page fills in for a test card, or nothing for any other number."""
    card = CARDS.get(number)
    if card is None:
        return {}
    return {"number": spaced(card.number), "expiry": "12 / 40", "cvc": "123", "name": "Alice Example"}


def spaced(number: str) -> str:
    """Return a card number in groups of four."""
    return " ".join(number[i : i + 4] for i in range(0, len(number), 4))


class PromotionForm(forms.Form):
    """A promotion code."""

    code = forms.CharField(label="Promotion code", max_length=60, widget=forms.TextInput(_WIDE))


class DaysForm(forms.Form):
    """How many days a customer's time goes forward."""

    days = forms.IntegerField(min_value=1, max_value=800)


class RefundForm(forms.Form):
    """What part of a charge goes back, in whole units of the currency."""

    amount = forms.DecimalField(min_value=Decimal("0.01"), max_digits=9, decimal_places=2)


def _luhn(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0
