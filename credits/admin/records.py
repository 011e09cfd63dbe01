"""The ledger's rows for operators: to read. Credits move through the ledger's functions alone."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from unfold.decorators import action, display

from accounts.models import User
from config.common.operators import LogAdmin, link_to
from credits.admin.giving import give_back
from credits.models import Entry, EntryKind, Hold, Lot, UsageRecord, Wallet

_MOST_OWNERS = 200
_COLOURS = {
    EntryKind.GRANT.label: "success",
    EntryKind.REFUND.label: "success",
    EntryKind.HOLD.label: "info",
    EntryKind.EXPIRE.label: "warning",
    EntryKind.ADJUST.label: "danger",
    EntryKind.CLAWBACK.label: "danger",
    EntryKind.RESTORE.label: "success",
}


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
        return link_to(row.wallet, name_of(row.wallet))

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
    actions_detail = ("give_back_one",)

    def has_correct_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whoever may correct balances, on the page of a charge."""
        charges = Entry.objects.filter(pk=object_id, kind=EntryKind.SETTLE, amount__lt=0)
        return request.user.has_perm("credits.add_correction") and (not object_id or charges.exists())

    @action(description="Give back…", url_path="give-back", permissions=("correct",), icon="undo")
    def give_back_one(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Give back part of this charge."""
        found = Entry.objects.select_related("wallet__owner", "hold")
        return give_back(self, request, get_object_or_404(found, pk=object_id, kind=EntryKind.SETTLE))

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


def name_of(wallet: Wallet) -> str:
    """Return the address of whoever owns `wallet`."""
    return wallet.owner.email if wallet.owner else "an erased account"
