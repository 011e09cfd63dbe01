"""The set-up of a session as a form, whose meaning `orchestration.spec` reads; and the text of an order."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField

from config.common.figures import count
from objects.models import Document
from objects.views.forms import RefusableForm
from orchestration.models.session import MOST_ROUNDS
from orchestration.workflow.terms import Role

_ABOUT = {
    Role.WRITER: "Revises the text. The only one who changes it.",
    Role.CONTENT_EXPERT: "Reads for accuracy and depth: facts, dates, counts, what is missing.",
    Role.STYLE_EDITOR: "Reads for tone and flow: wordiness, repetition, rhythm.",
    Role.SYNTHESIZER: "Decides what becomes of each finding, and briefs the Writer.",
}


@dataclass(frozen=True)
class SeatFields:
    """One seat of the team as `_team_seat.html` shows it."""

    label: str
    about: str
    chosen: BoundField
    model: BoundField


class SessionForm(forms.Form):
    """Text, team, rounds and cap. Reads nothing from the database itself: the view hands it its choices.

    `seats` are the roles to begin with, each with the model it was given, else `usual_model`.
    """

    document = forms.UUIDField(widget=forms.HiddenInput)
    title = forms.CharField(max_length=200, required=False, help_text="Left empty, it takes the document’s.")
    instructions = forms.CharField(
        max_length=4000,
        required=False,
        widget=forms.Textarea(
            attrs={"rows": 4, "placeholder": "Tighten it, keep the keeper’s dry voice. British spelling."}
        ),
        label="What should the team do?",
    )
    max_rounds = forms.IntegerField(
        min_value=1,
        max_value=MOST_ROUNDS,
        label="Rounds",
        help_text="It ends earlier when nobody asks for changes.",
    )
    cap_credits = forms.IntegerField(
        min_value=1,
        required=False,
        label="Cap in credits",
        help_text="It pauses at the cap, nothing is lost.",
    )
    score_threshold = forms.DecimalField(
        min_value=0,
        max_value=10,
        decimal_places=1,
        required=False,
        label="Good enough at",
        help_text="A mean score of 0 to 10 at which it ends. Left empty, scores do not end it.",
    )
    approve_rounds = forms.BooleanField(
        required=False,
        label="Wait for me after each round",
        help_text="You keep or undo each change, then it goes on.",
    )
    references = forms.MultipleChoiceField(
        required=False,
        widget=forms.CheckboxSelectMultiple,
        label="Texts to read along",
        help_text="Up to five of your other documents.",
    )
    reference_instructions = forms.CharField(
        max_length=500,
        required=False,
        label="How to use them",
        help_text="For example: names and dates must agree with these.",
    )

    def __init__(
        self,
        *args: Any,
        seats: Mapping[str, str],
        models: Sequence[tuple[str, str]],
        usual_model: str,
        references: Sequence[Document] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["references"].choices = [(str(d.pk), d.title) for d in references]  # type: ignore[attr-defined]
        self._roles, offered = list(_ABOUT), [name for name, _ in models]
        for role in self._roles:
            self.fields[f"{role}_in"] = forms.BooleanField(
                required=False, initial=role in seats, label=role.label
            )
            self.fields[f"{role}_model"] = forms.ChoiceField(
                choices=models,
                initial=seats[role] if seats.get(role) in offered else usual_model,
                widget=forms.Select(attrs={"class": "input"}),
            )
        self.fields[f"{Role.WRITER}_in"].widget = forms.HiddenInput()
        self.fields[f"{Role.WRITER}_in"].initial = True

    @property
    def team(self) -> Iterator[SeatFields]:
        """The seats, in the order in which they work."""
        for role in self._roles:
            yield SeatFields(role.label, _ABOUT[role], self[f"{role}_in"], self[f"{role}_model"])

    def as_body(self) -> dict[str, Any]:
        """Return a valid form as the body of a session, as programs send it."""
        data = self.cleaned_data
        body = {
            name: data[name] for name in ("document", "title", "instructions", "max_rounds", "cap_credits")
        }
        return {
            **body,
            "score_threshold": data["score_threshold"],
            "approve_rounds": data["approve_rounds"],
            "roles": [
                {"role": role.value, "model": data[f"{role}_model"]}
                for role in self._roles
                if role == Role.WRITER or data[f"{role}_in"]
            ],
            "references": [
                {"document": key, "instructions": data["reference_instructions"]}
                for key in data["references"]
            ],
        }

    def take(self, fields: dict[str, list[str]]) -> None:
        """Put the spec's complaints beside the fields they belong to."""
        for name, complaints in fields.items():
            for complaint in complaints:
                self.add_error(name if name in self.fields else None, complaint)


class OrderForm(RefusableForm):
    """Which text an order is about: one of the buyer's, or a file. Reads nothing from the database itself."""

    document = forms.ChoiceField(required=False, label="One of your texts")
    file = forms.FileField(required=False, allow_empty_file=True)

    def __init__(self, *args: Any, documents: Sequence[Document], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._documents = {str(document.pk): document for document in documents}
        named = [(key, f"{d.title} ({count(d.word_count)} words)") for key, d in self._documents.items()]
        self.fields["document"].choices = [("", "Choose one"), *named]  # type: ignore[attr-defined]

    def clean_document(self) -> Document | None:
        """Return the document itself."""
        return self._documents.get(self.cleaned_data["document"])

    def clean(self) -> dict[str, Any]:
        """Refuse a form without a text."""
        given = super().clean() or {}
        if not self.errors and not given["document"] and not given["file"]:
            self.add_error("document", "Choose one of your texts, or upload one.")
        return given
