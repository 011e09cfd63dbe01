"""Users for operators: found, read, suspended; never their passwords or second factors."""

from collections.abc import Callable
from typing import ClassVar, cast

from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.models import UserSession
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken
from unfold.admin import ModelAdmin, TabularInline
from unfold.widgets import UnfoldAdminTextareaWidget

from accounts import audit
from accounts.models import ApiKey, Avatar, User
from accounts.services.suspension import suspend, unsuspend
from config.common.paginator import CappedPaginator

# What the libraries register by themselves: secrets, live sessions, and doors past our services.
for _model in (
    EmailAddress, EmailConfirmation, Authenticator, SocialAccount, SocialApp, SocialToken, UserSession,
    OutstandingToken, BlacklistedToken, Group,
):  # fmt: skip
    if admin.site.is_registered(_model):
        admin.site.unregister(_model)


class ReadOnlyInline(TabularInline):
    """Rows to read."""

    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody adds here."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody changes here."""
        return False


class AddressInline(ReadOnlyInline):
    """The user's addresses, and whether they are proven."""

    model = EmailAddress
    fields = ("email", "verified", "primary")


class AvatarInline(ReadOnlyInline):
    """The personas the user writes as."""

    model = Avatar
    fields = ("display_name", "is_primary", "bio", "voice_guide")


class SecondFactorInline(ReadOnlyInline):
    """That there are second factors, not what they are made of."""

    model = Authenticator
    fields = ("type", "created_at", "last_used_at")


class KeyInline(ReadOnlyInline):
    """The API keys, never what makes them keys."""

    model = ApiKey
    fields = ("name", "prefix", "scope", "expires_at", "last_used_at", "created_at")


class ReasonForm(forms.Form):
    """Why an operator acts."""

    reason = forms.CharField(
        min_length=3, max_length=500, widget=UnfoldAdminTextareaWidget, help_text="Kept in the history."
    )


@admin.register(User)
class UserAdmin(ModelAdmin):
    """Find a user, see the account, suspend it."""

    list_display = ("email", "display_name", "is_active", "is_staff", "last_login", "created_at")
    list_filter = ("is_active", "is_staff", "created_at", "last_login")
    search_fields = ("=id", "email", "display_name")
    ordering = ("-created_at",)
    paginator = CappedPaginator
    show_full_result_count = False
    inlines = (AddressInline, AvatarInline, SecondFactorInline, KeyInline)
    actions = ("suspend_users", "unsuspend_users")
    fields = (
        "id", "email", "display_name", "time_zone", "chosen_preferences", "github_id",
        "is_active", "is_staff", "is_superuser", "last_login", "created_at",
    )  # fmt: skip
    _editable: ClassVar = ("display_name", "time_zone")
    _for_superusers: ClassVar = ("is_staff", "is_superuser")

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        """Whatever has its own service or belongs to its user; roles are for superusers to give."""
        open_fields = self._editable + (self._for_superusers if cast(User, request.user).is_superuser else ())
        return tuple(name for name in self.fields if name not in open_fields)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Accounts are opened by their owners."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Accounts are deleted by their owners; operators suspend."""
        return False

    @admin.action(description="Suspend…", permissions=("change",))
    def suspend_users(self, request: HttpRequest, queryset: QuerySet[User]) -> HttpResponse | None:
        """Shut accounts out, with a reason."""
        chosen = queryset.exclude(pk=cast(User, request.user).pk).filter(is_active=True)
        return self._with_reason(request, chosen, suspend, "suspended")

    @admin.action(description="Let in again…", permissions=("change",))
    def unsuspend_users(self, request: HttpRequest, queryset: QuerySet[User]) -> HttpResponse | None:
        """End suspensions, with a reason."""
        return self._with_reason(request, queryset.filter(is_active=False), unsuspend, "let in again")

    def _with_reason(
        self, request: HttpRequest, chosen: QuerySet[User], act: Callable[..., None], done: str
    ) -> HttpResponse | None:
        """Ask for the reason first; then act on each and write the reason into its history."""
        users = list(chosen)
        if not users:
            messages.info(request, "None of the chosen accounts can be changed like this.")
            return None
        form = ReasonForm(request.POST if "reason" in request.POST else None)
        if not form.is_valid():
            context = {
                **self.admin_site.each_context(request),
                "opts": self.model._meta,
                "action": f"{act.__name__}_users",
                "suspends": act is suspend,
                "users": users,
                "form": form,
            }
            return TemplateResponse(request, "admin/accounts/user/reason.html", context)
        for user in users:
            self._act(request, user, act, done, form.cleaned_data["reason"])
        messages.success(request, f"{len(users)} account{'s' * (len(users) > 1)} {done}.")
        return None

    def _act(
        self, request: HttpRequest, user: User, act: Callable[..., None], done: str, reason: str
    ) -> None:
        with transaction.atomic():
            act(user=user)
            self.log_change(request, user, f"{done}: {reason}")
            audit.write(
                act="user.suspended" if act is suspend else "user.let_in",
                subject=user,
                user_id=user.pk,
                actor=cast(User, request.user),
                reason=reason,
                before={"active": not user.is_active},
                after={"active": user.is_active},
            )
