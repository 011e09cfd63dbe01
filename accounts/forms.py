"""Forms of the sign-up and the settings pages."""

from collections.abc import Sequence
from typing import Any, ClassVar, cast

from django import forms
from django.http import HttpRequest

from accounts import zones
from accounts.models import ApiKey, Avatar, User
from accounts.models_offered import ModelChoice
from accounts.notifications.kinds import GROUPS, RULES, Channel, Kind
from accounts.preferences import Preferences, Theme
from accounts.services.switches import Switch, open_switches
from config.common.errors import Invalid


class SignupForm(forms.Form):
    """What sign-up asks beyond address and password."""

    display_name = forms.CharField(
        max_length=80,
        required=False,
        label="Name",
        help_text="How the studio calls you.",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )

    def signup(self, request: HttpRequest, user: User) -> None:
        """Nothing is left to do: the adapter has stored the name with the user."""


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]
    """Name and time zone."""

    time_zone = forms.ChoiceField(
        choices=zones.choices, help_text="Pages and mails show times in it. Periods of plans count in UTC."
    )

    class Meta:
        model = User
        fields = ("display_name", "time_zone")
        labels: ClassVar = {"display_name": "Name"}
        help_texts: ClassVar = {"display_name": "How the studio calls you. Your avatar has its own name."}
        widgets: ClassVar = {"display_name": forms.TextInput(attrs={"autocomplete": "name"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        current = self.instance.time_zone
        offered = zones.choices()
        if not any(current == name for _, group in offered for name, _ in group):
            offered = [("Chosen", [(current, current)]), *offered]
        self.fields["time_zone"].choices = offered  # type: ignore[attr-defined]


class PreferencesForm(forms.Form):
    """How the studio behaves for one person."""

    theme = forms.ChoiceField(
        label="Light or dark",
        widget=forms.RadioSelect,
        choices=[(Theme.LIGHT, "Light"), (Theme.DARK, "Dark"), (Theme.SYSTEM, "As the machine")],
    )
    default_provider = forms.ChoiceField(
        label="Provider",
        required=False,
        help_text="Whose first model is taken where you choose no model.",
    )
    default_model = forms.ChoiceField(
        label="Model",
        required=False,
        help_text="Offered first for every seat. What your plan and this studio offer is here; "
        "the figure says what its tokens cost beside the usual price.",
    )
    default_max_rounds = forms.IntegerField(
        label="Rounds in a new session",
        min_value=1,
        max_value=20,
        help_text="Offered first; your plan may allow fewer.",
    )
    show_evaluation_details = forms.BooleanField(
        label="Show the scores behind each evaluation",
        required=False,
        help_text="Without them you see whether a round was good enough, and why.",
    )

    def __init__(self, *args: Any, offered: Sequence[ModelChoice], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        providers = {choice.provider: choice.provider_label for choice in offered}
        groups: dict[str, list[tuple[str, str]]] = {label: [] for label in providers.values()}
        for choice in offered:
            groups[choice.provider_label].append((choice.name, choice.label))
        self._offer("default_provider", [("", "No preference"), *providers.items()])
        self._offer("default_model", [("", "No preference"), *groups.items()])

    def _offer(self, name: str, choices: list[Any]) -> None:
        """Set the choices of a field, with the present one where it is no longer among them."""
        field, present = cast(forms.ChoiceField, self.fields[name]), self.initial.get(name) or ""
        field.choices = choices
        if not field.valid_value(present):
            field.choices = [*choices, (present, f"{present} (not offered now)")]

    def changes(self) -> dict[str, Any]:
        """Return a valid form as changes of the preferences."""
        return {
            name: value or None if name in ("default_provider", "default_model") else value
            for name, value in self.cleaned_data.items()
            if value != "" or self.initial.get(name)
        }

    def take(self, error: Invalid) -> None:
        """Put what the service refused beside the fields it is about."""
        for name, complaints in error.details["fields"].items():
            self.add_error(name if name in self.fields else None, complaints)


class SwitchesForm(forms.Form):
    """A switch for each kind of notice and each way it takes, as far as they may be turned."""

    def __init__(self, *args: Any, preferences: Preferences, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind, channel in open_switches():
            self.fields[f"{kind}.{channel}"] = forms.BooleanField(
                label=f"{RULES[kind].label}: {_WAYS[channel]}",
                required=False,
                initial=preferences.wants(kind, channel),
            )

    def groups(self) -> list[tuple[str, str, list[tuple[str, list[forms.BoundField | None]]]]]:
        """Return heading, a word about it, and its kinds with their switches; None for one always on."""
        return [
            (
                heading,
                about,
                [(RULES[kind].label, [self._switch(kind, way) for way in Channel]) for kind in kinds],
            )
            for heading, about, kinds in GROUPS
        ]

    def switches(self) -> dict[Switch, bool]:
        """Return how every switch stands in a valid form."""
        return {(kind, way): self.cleaned_data[f"{kind}.{way}"] for kind, way in open_switches()}

    def _switch(self, kind: Kind, channel: Channel) -> forms.BoundField | None:
        name = f"{kind}.{channel}"
        return self[name] if name in self.fields else None


class ApiKeyForm(forms.Form):
    """A key to make."""

    name = forms.CharField(
        max_length=80, help_text="What it is for: “Backup at night”.", widget=forms.TextInput()
    )
    scope = forms.ChoiceField(
        label="What it may do",
        widget=forms.RadioSelect,
        choices=[
            (ApiKey.Scope.READ, "Read: see what you see, change nothing"),
            (ApiKey.Scope.WRITE, "Read and write: change texts and start sessions, which cost credits"),
        ],
        initial=ApiKey.Scope.READ,
    )
    days = forms.TypedChoiceField(
        label="Ends",
        coerce=int,
        choices=[("30", "After 30 days"), ("90", "After 90 days"), ("365", "After a year"), ("0", "Never")],
        initial="90",
        help_text="A program that still needs it then gets a new one.",
    )


_WAYS = {Channel.IN_APP: "in the studio", Channel.EMAIL: "by mail"}


class AvatarForm(forms.ModelForm):  # type: ignore[type-arg]
    """A persona and its voice."""

    class Meta:
        model = Avatar
        fields = ("display_name", "bio", "voice_guide")
        labels: ClassVar = {"display_name": "Name", "voice_guide": "Voice guide"}
        help_texts: ClassVar = {
            "display_name": "The name this work is written under.",
            "bio": "Who this author is, in a few sentences.",
            "voice_guide": "Given to every agent as style instructions: "
            "“Dry, short sentences. British spelling. Never an exclamation mark.”",
        }
        widgets: ClassVar = {
            "bio": forms.Textarea(attrs={"rows": 3, "data-autosize": ""}),
            "voice_guide": forms.Textarea(attrs={"rows": 6, "data-autosize": ""}),
        }
