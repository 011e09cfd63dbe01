"""The ledger for operators: to read. Credits move through the ledger's functions alone."""

from typing import Any, ClassVar
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html_join
from unfold.decorators import display

from accounts.models import User
from config.common.operators import LogAdmin, ReadOnlyInline, link, link_to
from credits.models import Entry, EntryKind, Hold, Lot, UsageRecord, Wallet

_MOST_OWNERS = 200
_COLOURS = {
    EntryKind.GRANT.label: "success",
    EntryKind.REFUND.label: "success",
    EntryKind.HOLD.label: "info",
    EntryKind.EXPIRE.label: "warning",
    EntryKind.ADJUST.label: "danger",
}


class ParkedFilter(admin.SimpleListFilter):
    """Wallets that are stopped."""

    title = "parked"
    parameter_name = "parked"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer those that are and those that are not."""
        return [("yes", "Parked"), ("no", "At work")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Wallet]) -> QuerySet[Wallet]:
        """Keep what was asked for."""
        return queryset.filter(parked_at__isnull=self.value() == "no") if self.value() else queryset


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

    list_display = ("id", "owner_link", "balance", "available", "held", "allowance", "used", "parked_at")
    list_filter = (ParkedFilter,)
    list_select_related = ("owner",)
    search_fields = ("owner__email", "=id")
    ordering = ("-id",)
    inlines = (LotInline, OpenHoldInline)
    fields = (
        "owner_link", "records", "balance", "available", "held", "allowance", "used",
        "period_start", "period_end", "seq", "head_hex", "opened_at", "parked_at", "parked_reason",
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
        return format_html_join(" · ", "{}", ((_list_of(model, wallet),) for model in (Entry, Lot, Hold)))

    @admin.display(description="head")
    def head_hex(self, wallet: Wallet) -> str:
        """The end of the hash chain."""
        return bytes(wallet.head).hex()


class OwnedLog(LogAdmin):
    """A log of wallets' rows. Its owners are looked up first: the search never reads the whole log."""

    search_fields = ("owner",)
    search_help_text = "The owner's e-mail address, or a part of it"
    ordering = ("-id",)
    sortable_by = ()  # any other order would sort the whole log
    list_select_related: ClassVar[Any] = ("wallet__owner",)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Keep the rows of users whose address has `search_term` in it: of the first 200 of them."""
        if not search_term.strip():
            return queryset, False
        users = User.objects.filter(email__icontains=search_term.strip()).order_by("email")
        return self.of_users(queryset, list(users[:_MOST_OWNERS])), False

    def of_users(self, rows: QuerySet[Any], users: list[User]) -> QuerySet[Any]:
        """Keep the rows of the wallets of `users`."""
        return rows.filter(wallet__in=list(Wallet.objects.filter(owner__in=users)))

    @admin.display(description="Owner")
    def owner(self, row: Any) -> str:
        """Whose it is, with the way to the wallet."""
        return link_to(row.wallet, _name(row.wallet))

    @admin.display(description="Caused by")
    def cause(self, row: Any) -> str:
        """The kind and the id of what caused it."""
        return f"{row.reference_kind} {row.reference_id}" if row.reference_id else "–"


@admin.register(Entry)
class EntryAdmin(OwnedLog):
    """The journal."""

    list_display = (
        "created_at", "owner", "movement", "amount", "held_change", "balance_after", "description",
    )  # fmt: skip
    list_filter = ("kind", "created_at")
    fields = (
        "id", "owner", "seq", "movement", "amount", "held_change", "balance_after", "held_after",
        "description", "cause", "hold_page", "lot_page", "actor_id", "key", "created_at", "own_hash",
    )  # fmt: skip
    readonly_fields = ("owner", "movement", "cause", "hold_page", "lot_page", "own_hash")

    @display(description="Kind", label=_COLOURS)
    def movement(self, entry: Entry) -> str:
        """What it records, corrections in red."""
        return entry.get_kind_display()

    @admin.display(description="Hold")
    def hold_page(self, entry: Entry) -> str:
        """The hold it made or resolved."""
        return link_to(entry.hold)

    @admin.display(description="Lot")
    def lot_page(self, entry: Entry) -> str:
        """The lot it brought."""
        return link_to(entry.lot)

    @admin.display(description="Hash")
    def own_hash(self, entry: Entry) -> str:
        """Its link of the chain, in hex."""
        return bytes(entry.hash).hex()


@admin.register(Lot)
class LotAdmin(OwnedLog):
    """What came in, from where, and what is left of it."""

    list_display = ("created_at", "owner", "source", "granted", "remaining", "expires_at")
    list_filter = ("source", "expires_at")
    fields = (
        "id", "owner", "source", "granted", "remaining", "expires_at", "period_start", "source_key",
        "created_at",
    )  # fmt: skip
    readonly_fields = ("owner",)


@admin.register(Hold)
class HoldAdmin(OwnedLog):
    """What is, or was, set aside for work."""

    list_display = (
        "created_at",
        "owner",
        "amount",
        "settled",
        "refunded",
        "cause",
        "resolved_at",
        "expires_at",
    )
    list_filter = (("resolved_at", admin.EmptyFieldListFilter), "created_at")
    fields = (
        "id", "owner", "amount", "settled", "refunded", "cause", "created_at", "expires_at", "resolved_at",
    )  # fmt: skip
    readonly_fields = ("owner", "cause")


@admin.register(UsageRecord)
class UsageRecordAdmin(OwnedLog):
    """Every metered act: what it took from the account, and what it cost us."""

    list_display = (
        "created_at", "owner", "metric", "quantity", "unit", "credits", "cost_usd", "provider", "model",
    )  # fmt: skip
    list_filter = ("metric", "is_cost_known", "created_at")
    list_select_related = ("user",)
    fields = (
        "id", "owner", "metric", "quantity", "unit", "credits", "tokens_in", "tokens_out", "cost_usd",
        "is_cost_known", "provider", "model", "endpoint", "avatar_id", "object_id", "cause", "charge",
        "period_start", "metadata", "created_at",
    )  # fmt: skip
    readonly_fields = ("owner", "cause", "charge")

    def of_users(self, rows: QuerySet[Any], users: list[User]) -> QuerySet[Any]:
        """Keep the rows of `users`."""
        return rows.filter(user__in=users)

    @admin.display(description="Owner")
    def owner(self, row: Any) -> str:
        """Whose act it was."""
        return link_to(row.user)

    @admin.display(description="Charged by")
    def charge(self, usage: UsageRecord) -> str:
        """The settlement that charged it."""
        return link_to(usage.entry)


def _name(wallet: Wallet) -> str:
    return wallet.owner.email if wallet.owner else "an erased account"


def _list_of(model: type[Model], wallet: Wallet) -> str:
    meta = model._meta
    url = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
    query = urlencode({"wallet__id__exact": wallet.pk})
    return link(f"{url}?{query}", str(meta.verbose_name_plural).capitalize())
