"""The forms by which operators move credits."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any, cast
from uuid import uuid4

from django import forms
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from config.common.clock import now
from credits.corrections import MOST
from credits.models import Correction
from credits.models.correction import SHORTEST_REASON

_OF_SERVICE = {"amount": "credits", "expires_at": "last_day"}


class GiveBackForm(forms.Form):
    """How many credits, and why."""

    credits = forms.IntegerField(
        min_value=1, max_value=MOST, widget=UnfoldAdminIntegerFieldWidget(attrs={"min": 1})
    )
    reason = forms.CharField(
        min_length=SHORTEST_REASON,
        max_length=200,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text="10 to 200 characters. The owner reads it on their statement, where it stays for ever: "
        "say what happened, name nobody.",
    )
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def refuse(self, details: dict[str, Any], message: str) -> None:
        """Show what the service refused, at the fields that it means."""
        for name, errors in details.get("fields", {}).items():
            field = _OF_SERVICE.get(name, name)
            for error in errors:
                self.add_error(field if field in self.fields else None, error)
        if not details.get("fields"):
            self.add_error(None, message)


class CorrectionForm(GiveBackForm):
    """Which way, how many, until when, and why."""

    kind = forms.ChoiceField(
        label="What to do",
        choices=[(Correction.Kind.GRANT, "Give credits"), (Correction.Kind.TAKE, "Take credits")],
        initial=Correction.Kind.GRANT,
        widget=UnfoldAdminRadioSelectWidget,
    )
    last_day = forms.DateField(
        label="Can be spent until",
        required=False,
        widget=UnfoldAdminTextInputWidget(attrs={"type": "date"}),
        help_text="The end of that day, UTC. Only for credits that are given; empty: they never expire.",
    )
    field_order = ("kind", "credits", "last_day", "reason", "key")

    def clean_last_day(self) -> date | None:
        """Refuse a day that is over."""
        day = cast(date | None, self.cleaned_data["last_day"])
        if day is not None and day < now().date():
            raise forms.ValidationError("Choose a day that is still to come.")
        return day

    @property
    def expires_at(self) -> datetime | None:
        """The moment after the last day."""
        day = self.cleaned_data["last_day"]
        return datetime.combine(day + timedelta(days=1), time.min, tzinfo=UTC) if day else None
