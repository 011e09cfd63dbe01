"""Who is on which plan, for operators: giving one, and taking it back, each with a reason."""

from datetime import datetime
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from unfold.paginator import InfinitePaginator
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from accounts.models import User
from billing.models import FreeGrant, Plan, Subscription
from billing.provisioning import comp_plan, end_comp, refuse_payer
from config.common.clock import now
from config.common.errors import DomainError
from config.common.operators import ReadOnlyAdmin


class CompForm(forms.ModelForm):  # type: ignore[type-arg]
    """Whom to give which plan, until when, and why."""

    plan = forms.ModelChoiceField(
        Plan.objects.filter(is_offered=True, is_free=False),
        label="Plan to give",
        widget=UnfoldAdminSelectWidget,
        help_text="The first month's credits come at once. It stands in for the user's own plan until then.",
    )
    reason = forms.CharField(max_length=300, widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}))

    class Meta:
        model = Subscription
        fields = ["user", "ends_at", "reason"]
        labels = {"ends_at": "Until"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["ends_at"].required = True

    def clean_user(self) -> User:
        """Refuse whoever pays for a plan, in the service's words and with everything kept that was typed."""
        user = cast(User, self.cleaned_data["user"])
        try:
            refuse_payer(user)
        except DomainError as error:
            raise forms.ValidationError(error.message) from error
        return user

    def clean_ends_at(self) -> datetime:
        """Refuse an end that has passed."""
        until = cast(datetime, self.cleaned_data["ends_at"])
        if until <= now():
            raise forms.ValidationError("Choose a day that is still to come.")
        return until

    def validate_constraints(self) -> None:
        """Leave them to the service: it ends the subscription that this one takes over from."""


class EndForm(forms.ModelForm):  # type: ignore[type-arg]
    """Why a plan is taken back."""

    end_reason = forms.CharField(
        label="Take it back now, because",
        max_length=300,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text="Saving ends the plan now. The user goes back to the free one and keeps their credits.",
    )

    class Meta:
        model = Subscription
        fields = ["end_reason"]


@admin.register(Subscription)
class SubscriptionAdmin(ReadOnlyAdmin):
    """Everybody's plans, past and present. Adding one gives a plan; changing a given one takes it back."""

    list_display = ("user", "plan", "source", "allowance", "started_at", "ends_at", "ended_at")
    list_filter = ("source", "allowance", "terms__plan", ("ended_at", admin.EmptyFieldListFilter))
    list_select_related = ("user", "terms__plan")
    search_fields = ("user__email",)
    autocomplete_fields = ("user",)
    paginator = InfinitePaginator
    show_full_result_count = False
    fields = (
        "user", "terms", "source", "allowance", "started_at", "ends_at", "actor", "reason",
        "ended_at", "end_actor", "end_reason",
    )  # fmt: skip

    @admin.display(description="Plan", ordering="terms__plan__rank")
    def plan(self, subscription: Subscription) -> str:
        """The plan and its version."""
        return str(subscription.terms)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may add subscriptions may give plans."""
        return request.user.has_perm("billing.add_subscription")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may change subscriptions may take back a plan that was given and still runs."""
        return request.user.has_perm("billing.change_subscription") and _is_running_comp(obj)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Ask whom, what, until when and why; show everything of what was given."""
        return self.fields if obj else ("user", "plan", "ends_at", "reason")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Only the reason for taking it back is to be written."""
        return tuple(name for name in self.fields if name != "end_reason") if obj else ()

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Give with one form, take back with the other."""
        return super().get_form(request, obj, change, form=EndForm if obj else CompForm, **kwargs)

    def save_model(self, request: HttpRequest, obj: Subscription, form: Any, change: bool) -> None:
        """Give or take back in the operator's name."""
        operator, given = cast(User, request.user), form.cleaned_data
        if change:
            end_comp(user=obj.user, actor=operator, reason=given["end_reason"])
        else:
            obj.pk = comp_plan(
                user=given["user"],
                plan=given["plan"],
                until=given["ends_at"],
                actor=operator,
                reason=given["reason"],
            ).pk
        obj.refresh_from_db()


@admin.register(FreeGrant)
class FreeGrantAdmin(ReadOnlyAdmin):
    """That persons have had the free credits, without who they are."""

    list_display = ("person", "credits", "granted_at")
    date_hierarchy = "granted_at"


def _is_running_comp(subscription: Subscription | None) -> bool:
    """Tell whether it is a given plan that still runs; of the page as a whole (None) it may be."""
    return subscription is None or (
        subscription.source == Subscription.Source.COMP and subscription.ended_at is None
    )
