"""Refunds and disputes for operators: what went back, what became of its credits, and giving money back."""

from decimal import Decimal
from typing import Any, cast
from uuid import UUID, uuid4

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.widgets import UnfoldAdminDecimalFieldWidget, UnfoldAdminTextareaWidget

from accounts.models import User
from billing import refunding
from billing.amounts import dollars
from billing.models import Payment, Reversal
from config.common.errors import DomainError
from config.common.operators import LogAdmin, ReadOnlyInline, link_to


class ReversalInline(ReadOnlyInline):
    """What of a payment went back."""

    model = Reversal
    fields = (
        "id",
        "kind",
        "sum",
        "status",
        "credits_due",
        "credits_taken",
        "debt",
        "happened_at",
        "undone_at",
    )
    readonly_fields = ("sum", "debt")
    show_change_link = True

    @admin.display(description="USD")
    def sum(self, reversal: Reversal) -> str:
        """The amount as people write it."""
        return dollars(reversal.amount_cents)


class OwingFilter(admin.SimpleListFilter):
    """Reversals by what they still ask for."""

    title = "debt"
    parameter_name = "debt"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer those that are owed, and those that are settled."""
        return [("open", "Owed"), ("none", "Nothing owed")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Reversal]) -> QuerySet[Reversal]:
        """Keep what was asked for."""
        match self.value():
            case "open":
                return queryset.filter(debt__gt=0)
            case "none":
                return queryset.filter(debt=0)
        return queryset


@admin.register(Reversal)
class ReversalAdmin(LogAdmin):
    """Money that went back, newest first."""

    list_display = ("happened_at", "payer", "kind", "sum", "standing", "credits_due", "credits_taken", "debt")
    list_display_links = ("happened_at",)
    list_filter = (OwingFilter, "kind", "status", "happened_at")
    list_select_related = ("payment__user",)
    search_fields = ("=id", "payment__user__email", "=payment__charge_id", "=payment__payment_intent_id")
    search_help_text = "The payer's address, or Stripe's id of the refund, dispute, charge or intent"
    ordering = ("-happened_at",)
    fields = (
        "id", "payer", "paid", "kind", "sum", "standing", "happened_at", "undone_at", "credits_due",
        "credits_taken", "credits_restored", "credits_gone", "credits_forgiven", "debt",
    )  # fmt: skip
    readonly_fields = ("payer", "paid", "sum", "standing", "debt")

    @admin.display(description="Payer", ordering="payment__user__email")
    def payer(self, reversal: Reversal) -> str:
        """Who had paid; nobody any more once they have deleted their account."""
        return link_to(reversal.payment.user)

    @admin.display(description="Payment")
    def paid(self, reversal: Reversal) -> str:
        """The money that had arrived."""
        return link_to(reversal.payment)

    @admin.display(description="USD", ordering="amount_cents")
    def sum(self, reversal: Reversal) -> str:
        """The amount as people write it."""
        return dollars(reversal.amount_cents)

    @display(
        description="State",
        ordering="status",
        label={"lost": "danger", "won": "success", "failed": "warning"},
    )
    def standing(self, reversal: Reversal) -> str:
        """Stripe's word for it."""
        return reversal.status


class RefundForm(forms.Form):
    """How much goes back, and why."""

    amount = forms.DecimalField(
        label="Amount in US dollars",
        min_value=Decimal("0.01"),
        max_digits=10,
        decimal_places=2,
        widget=UnfoldAdminDecimalFieldWidget,
    )
    reason = forms.CharField(
        min_length=refunding.SHORTEST_REASON,
        max_length=300,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text="10 to 300 characters, for the audit log: say what happened.",
    )
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    @property
    def cents(self) -> int:
        """The amount, in cents."""
        return int(self.cleaned_data["amount"] * 100)


def give_back(model_admin: ModelAdmin, request: HttpRequest, payment: Payment) -> HttpResponse:
    """Show the form for a payment; give back what it asks for once it is sent."""
    left = refunding.left_of(payment)
    form = RefundForm(request.POST or None, initial={"amount": Decimal(left) / 100})
    if form.is_valid() and _refund(request, form, payment):
        return redirect("admin:billing_payment_change", payment.pk)
    context = {
        **model_admin.admin_site.each_context(request),
        "title": "Give money back",
        "payment": payment,
        "left": left,
        "form": form,
    }
    return TemplateResponse(request, "admin/billing/payment/refund.html", context)


def _refund(request: HttpRequest, form: RefundForm, payment: Payment) -> bool:
    """Do it, and tell whether it was done; the form says why it was not."""
    key: UUID = form.cleaned_data["key"]
    try:
        made = refunding.refund(
            payment=payment,
            cents=form.cents,
            reason=form.cleaned_data["reason"],
            actor=cast(User, request.user),
            key=f"admin:{key}",
        )
    except DomainError as error:
        named = error.details.get("fields", {})
        for name, said in named.items():
            form.add_error(name, said)
        if not named:
            form.add_error(None, error.message)
        return False
    credits = made.credits_due if made else 0
    messages.success(request, f"{dollars(form.cents)} goes back, and {credits} credits with it.")
    return True
