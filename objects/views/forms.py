"""Forms of the pages; what a service refuses is shown in them, with everything typed kept."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from django import forms

from accounts.models import User
from config.common.errors import DomainError, Missing
from objects import read_only
from objects.models import Project

T = TypeVar("T")


class RefusableForm(forms.Form):
    """A form that can show why a service said no."""

    refusal: DomainError | None = None

    def attempt(self, act: Callable[[], T]) -> T | None:
        """Return what `act` returns; None when it was refused, and the form says why.

        A refusal that names fields stands at those fields. Missing is passed on: the page is not there.
        """
        try:
            return act()
        except Missing:
            raise
        except DomainError as error:
            self._show(error)
            return None

    def _show(self, error: DomainError) -> None:
        named: dict[str, Any] = error.details.get("fields", {})
        for name, messages in named.items():
            self.add_error(name if name in self.fields else None, messages)
        if not named:
            self.refusal = error

    @property
    def status(self) -> int:
        """The HTTP status of a page that shows this form."""
        if self.refusal is not None:
            return self.refusal.status
        return 422 if self.is_bound and self.errors else 200


class ProjectForm(RefusableForm):
    """What a writer says about a project."""

    title = forms.CharField(max_length=200, widget=forms.TextInput(attrs={"placeholder": "Harbour stories"}))
    genre = forms.CharField(
        max_length=60, required=False, widget=forms.TextInput(attrs={"placeholder": "Literary fiction"})
    )
    description = forms.CharField(
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="For you: what this project is.",
    )
    synopsis = forms.CharField(
        max_length=10_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="What happens, in short.",
    )


class OwnProjectField(forms.ModelChoiceField):  # type: ignore[type-arg]  # not generic at run time
    """A choice of the writer's current projects, or none."""

    def __init__(self, **options: Any) -> None:
        super().__init__(Project.objects.none(), required=False, empty_label="No project", **options)

    def offer(self, user: User) -> None:
        """Offer the projects that `user` may fill."""
        mine = Project.objects.editable_by(user).current()
        self.queryset = read_only.writable(mine, user).order_by("title")


class NewDocumentForm(RefusableForm):
    """A text to begin with: typed, uploaded, or none yet."""

    title = forms.CharField(
        max_length=200, required=False, help_text="Left empty, it takes the first heading or the file's name."
    )
    project = OwnProjectField()
    file = forms.FileField(required=False, allow_empty_file=True)
    body = forms.CharField(
        label="Text",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 12, "placeholder": "Paste or type. Markdown is welcome."}),
    )

    def __init__(self, *args: Any, user: User, **options: Any) -> None:
        super().__init__(*args, **options)
        cast(OwnProjectField, self.fields["project"]).offer(user)


class MoveForm(forms.Form):
    """Where a document belongs."""

    project = OwnProjectField()

    def __init__(self, *args: Any, user: User, **options: Any) -> None:
        super().__init__(*args, **options)
        cast(OwnProjectField, self.fields["project"]).offer(user)
