"""What a reader asks of the history, read from the query of a page."""

from datetime import date, datetime, time, timedelta
from typing import Any, cast
from uuid import UUID

from django import forms
from django.utils import timezone

from accounts.models import User
from config.common.errors import Missing
from credits import causes
from credits.history import GROUPS, Wanted

_KINDS = [("", "Everything"), *((name, name.replace("_", " ").capitalize()) for name in GROUPS)]
_DAY = timedelta(days=1)


class HistoryForm(forms.Form):
    """The filters above the history. Days are the reader's own, both of them included."""

    show = forms.ChoiceField(required=False, label="Kind", choices=_KINDS)
    about = forms.ChoiceField(required=False, label="About")
    since = forms.DateField(required=False, label="From", widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(required=False, label="To", widget=forms.DateInput(attrs={"type": "date"}))
    q = forms.CharField(required=False, max_length=100, label="Words", widget=forms.SearchInput)

    def __init__(self, user: User, data: Any) -> None:
        super().__init__(data, auto_id="filter-%s")
        things = causes.recent_things(user)
        asked = str(data.get("about") or "")
        kind, _, thing_id = asked.partition(":")
        self.scope = require_scope(user, kind, thing_id) if asked else None
        if self.scope is not None and UUID(thing_id) not in dict(things[kind]):
            things[kind].append((UUID(thing_id), self.scope.label))
        groups = [
            (f"{kind.capitalize()}s", [(f"{kind}:{pk}", title) for pk, title in found])
            for kind, found in things.items()
            if found
        ]
        cast(forms.ChoiceField, self.fields["about"]).choices = [("", "Anything"), *groups]

    def wanted(self) -> Wanted:
        """Return what is asked; what makes no sense is left out, and its field says so."""
        self.full_clean()
        asked = self.cleaned_data
        return Wanted(
            kinds=GROUPS.get(asked.get("show") or "", ()),
            since=_midnight(asked.get("since")),
            until=_midnight(asked.get("until"), after=_DAY),
            about=self.scope,
            words=asked.get("q") or "",
        )


def require_scope(user: User, kind: str, thing_id: str) -> causes.Scope:
    """Return what the journal says of a thing by; raise Missing for what `user` may not see."""
    try:
        found = causes.scope_of(user, kind, UUID(thing_id))
    except ValueError:
        found = None
    if found is None:
        raise Missing("There is no such thing in your history.")
    return found


def _midnight(day: date | None, *, after: timedelta = timedelta(0)) -> datetime | None:
    """Return the moment at which `day` begins for the reader."""
    if day is None or not 1970 <= day.year < 9999:
        return None
    return timezone.make_aware(datetime.combine(day + after, time.min))
