"""Wallets for operators: what is in them, credits given and taken by hand, parked and let work again."""

from collections.abc import Callable
from typing import Any, cast
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html_join
from unfold.decorators import action

from accounts.admin import ReasonForm
from accounts.models import User
from config.common.errors import DomainError
from config.common.operators import LogAdmin, ReadOnlyInline, link, link_to
from credits import parking
from credits.admin.giving import correct, forgive
from credits.models import Correction, Entry, Hold, Lot, Wallet


class ParkedFilter(admin.SimpleListFilter):
    """Wallets that are stopped."""

    title = "parked"
    parameter_name = "parked"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer those in doubt, those that owe, and those that are neither."""
        return [("yes", "Parked"), ("owes", "Owes credits"), ("no", "At work")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Wallet]) -> QuerySet[Wallet]:
        """Keep what was asked for."""
        match self.value():
            case "yes":
                return queryset.filter(parked_at__isnull=False)
            case "owes":
                return queryset.filter(owed__gt=0)
            case "no":
                return queryset.filter(parked_at__isnull=True, owed=0)
        return queryset


class LotInline(ReadOnlyInline):
    """What the wallet's credits came from."""

    model = Lot
    fields = ("source", "granted", "remaining", "expires_at", "created_at")
    ordering = ("-id",)


class OpenHoldInline(ReadOnlyInline):
    """What is held now."""

    model = Hold
    verbose_name_plural = "Open holds"
    fields = ("amount", "reference_kind", "reference_id", "created_at", "expires_at")
    ordering = ("expires_at",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Hold]:
        """Leave out what is resolved: there may be thousands."""
        return super().get_queryset(request).filter(resolved_at__isnull=True)


@admin.register(Wallet)
class WalletAdmin(LogAdmin):
    """An account's credits."""

    list_display = (
        "id",
        "owner_link",
        "balance",
        "available",
        "held",
        "allowance",
        "used",
        "owed",
        "parked_at",
    )
    list_filter = (ParkedFilter,)
    list_select_related = ("owner",)
    search_fields = ("owner__email", "=id")
    ordering = ("-id",)
    inlines = (LotInline, OpenHoldInline)
    actions_detail = ("correct_one", "forgive_one", "park_one", "unpark_one")
    fields = (
        "owner_link", "records", "balance", "available", "held", "allowance", "used",
        "period_start", "period_end", "seq", "head_hex", "opened_at", "owed", "parked_at", "parked_reason",
    )  # fmt: skip

    @admin.display(description="owner", ordering="owner")
    def owner_link(self, wallet: Wallet) -> str:
        """Whose it is; a dash for an erased account."""
        return link_to(wallet.owner)

    @admin.display(description="balance")
    def balance(self, wallet: Wallet) -> int:
        """Free and held credits together."""
        return wallet.balance

    @admin.display(description="records")
    def records(self, wallet: Wallet) -> str:
        """The ways to all that the ledger has of it."""
        return format_html_join(
            " · ", "{}", ((_list_of(model, wallet),) for model in (Entry, Lot, Hold, Correction))
        )

    @admin.display(description="head")
    def head_hex(self, wallet: Wallet) -> str:
        """The end of the hash chain, in groups: 64 digits in one would be wider than a phone."""
        return bytes(wallet.head).hex(" ", 4)

    def has_correct_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whoever may add corrections may give and take credits."""
        return request.user.has_perm("credits.add_correction")

    def has_forgive_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whoever may add corrections may forgive what a wallet owes."""
        owing = Wallet.objects.filter(pk=object_id, owed__gt=0)
        return self.has_correct_permission(request) and (not object_id or owing.exists())

    def has_park_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whoever may change wallets may park one that works."""
        return self._may_change(request, object_id, is_parked=False)

    def has_unpark_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whoever may change wallets may let a parked one work again."""
        return self._may_change(request, object_id, is_parked=True)

    @action(
        description="Give or take credits…", url_path="correct", permissions=("correct",), icon="add_card"
    )
    def correct_one(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Give or take credits by hand."""
        return correct(self, request, get_object_or_404(self.get_queryset(request), pk=object_id))

    @action(
        description="Forgive what is owed…", url_path="forgive", permissions=("forgive",), icon="handshake"
    )
    def forgive_one(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Forgive credits that were spent and whose money went back."""
        return forgive(self, request, get_object_or_404(self.get_queryset(request), pk=object_id))

    @action(description="Park…", url_path="park", permissions=("park",), icon="pause_circle")
    def park_one(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Let this wallet take no new hold."""
        return self._with_reason(request, object_id, parking.park, "parked")

    @action(description="Let it work again…", url_path="unpark", permissions=("unpark",), icon="play_circle")
    def unpark_one(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Let this wallet work again, once nothing in it is broken."""
        return self._with_reason(request, object_id, parking.unpark, "working again")

    def _may_change(self, request: HttpRequest, wallet_id: Any, *, is_parked: bool) -> bool:
        if not request.user.has_perm("credits.change_wallet"):
            return False
        wallets = Wallet.objects.filter(pk=wallet_id, parked_at__isnull=not is_parked)
        return not wallet_id or wallets.exists()

    def _with_reason(
        self, request: HttpRequest, wallet_id: int, act: Callable[..., None], done: str
    ) -> HttpResponse:
        """Ask for the reason first; then act, in the operator's name."""
        wallet = get_object_or_404(self.get_queryset(request), pk=wallet_id)
        form = ReasonForm(request.POST or None)
        if form.is_valid():
            try:
                act(wallet=wallet, reason=form.cleaned_data["reason"], actor=cast(User, request.user))
            except DomainError as error:
                messages.warning(request, error.message)
            else:
                messages.success(request, f"The credits of {wallet.owner or 'this account'} are {done}.")
            return redirect("admin:credits_wallet_change", wallet.pk)
        context = {
            **self.admin_site.each_context(request),
            "title": "Park" if act is parking.park else "Let it work again",
            "wallet": wallet,
            "parks": act is parking.park,
            "form": form,
        }
        return TemplateResponse(request, "admin/credits/wallet/park.html", context)


def _list_of(model: type[Model], wallet: Wallet) -> str:
    meta = model._meta
    url = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
    query = urlencode({"wallet__id__exact": wallet.pk})
    return link(f"{url}?{query}", str(meta.verbose_name_plural).capitalize())
