"""Payments for operators, and what stands behind them at Stripe: to read, each with its way to the rest."""

import json
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.html import format_html
from unfold.decorators import action, display

from billing.admin.reversals import ReversalInline, give_back
from billing.amounts import dollars
from billing.models import Payment, StripeRequest, StripeSubscription
from config.common.operators import LogAdmin, ReadOnlyInline, link, link_to, shortened


class PaymentInline(ReadOnlyInline):
    """What was paid for a subscription."""

    model = Payment
    fields = ("paid_at", "sum", "period_start", "period_end", "credits")
    readonly_fields = ("sum",)
    show_change_link = True

    @admin.display(description="USD")
    def sum(self, payment: Payment) -> str:
        """The amount as people write it."""
        return dollars(payment.amount_cents)


@admin.register(StripeSubscription)
class StripeSubscriptionAdmin(LogAdmin):
    """Subscriptions at Stripe in our terms: the one that lives, and those that are over."""

    list_display = (
        "id",
        "payer",
        "plan",
        "standing",
        "paid_until",
        "cancel_at",
        "past_due_since",
        "started_at",
    )
    list_filter = (
        "status",
        "price__terms__plan",
        "price__interval",
        "is_surplus",
        ("past_due_since", admin.EmptyFieldListFilter),
        ("cancel_at", admin.EmptyFieldListFilter),
    )
    list_select_related = ("user", "price__terms__plan")
    search_fields = ("user__email", "=id", "=customer_id")
    search_help_text = "The payer's address, or Stripe's id of the subscription or the customer"
    ordering = ("-started_at",)
    inlines = (PaymentInline,)
    fields = (
        "id", "payer", "customer", "plan", "standing", "started_at", "period_start", "period_end",
        "paid_until", "trial_end", "cancel_at", "next_price", "next_at", "past_due_since", "attempts",
        "next_attempt_at", "is_surplus", "revoked_at", "ended_at",
    )  # fmt: skip
    readonly_fields = ("payer", "customer", "plan", "standing")

    @admin.display(description="Payer", ordering="user__email")
    def payer(self, subscription: StripeSubscription) -> str:
        """Whose it is."""
        return link_to(subscription.user)

    @admin.display(description="Plan")
    def plan(self, subscription: StripeSubscription) -> str:
        """The plan, its version and the interval."""
        return f"{subscription.price.terms}, by the {subscription.price.interval}"

    @admin.display(description="Customer")
    def customer(self, subscription: StripeSubscription) -> str:
        """The way to the customer at Stripe."""
        return _at_stripe(f"customers/{subscription.customer_id}", subscription.customer_id)

    @display(
        description="State",
        ordering="status",
        label={
            "active": "success",
            "trialing": "info",
            "past_due": "danger",
            "unpaid": "danger",
            "canceled": "warning",
        },
    )
    def standing(self, subscription: StripeSubscription) -> str:
        """Stripe's word for it."""
        return subscription.status


@admin.register(Payment)
class PaymentAdmin(LogAdmin):
    """Money that arrived, newest first."""

    list_display = ("paid_at", "payer", "what", "sum", "fee", "credits", "charge")
    list_display_links = ("paid_at",)
    list_filter = ("terms__plan", "interval", "product", "paid_at")
    list_select_related = ("user", "terms", "product")
    search_fields = ("user__email", "=invoice_id", "=checkout_id", "=charge_id", "=payment_intent_id")
    search_help_text = "The payer's address, or Stripe's id of the invoice, checkout, charge or intent"
    ordering = ("-paid_at",)
    fields = (
        "paid_at", "payer", "what", "sum", "fee", "currency", "credits", "period_start", "period_end",
        "plan_at_stripe", "invoice_id", "checkout_id", "charge", "payment_intent_id",
    )  # fmt: skip
    readonly_fields = ("payer", "what", "sum", "fee", "charge", "plan_at_stripe")
    inlines = (ReversalInline,)
    actions_detail = ("refund_one",)

    def has_refund_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whoever may add reversals may give money back."""
        return request.user.has_perm("billing.add_reversal")

    @action(
        description="Give money back…", url_path="refund", permissions=("refund",), icon="currency_exchange"
    )
    def refund_one(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        """Give some or all of it back to its payer."""
        return give_back(self, request, get_object_or_404(self.get_queryset(request), pk=object_id))

    @admin.display(description="Payer", ordering="user__email")
    def payer(self, payment: Payment) -> str:
        """Who paid; nobody any more once they have deleted their account."""
        return link_to(payment.user)

    @admin.display(description="For")
    def what(self, payment: Payment) -> str:
        """The plan with its interval, or the product."""
        return str(payment.product) if payment.product else f"{payment.terms}, by the {payment.interval}"

    @admin.display(description="USD", ordering="amount_cents")
    def sum(self, payment: Payment) -> str:
        """The amount as people write it."""
        return dollars(payment.amount_cents)

    @admin.display(description="Stripe's fee", ordering="fee_cents")
    def fee(self, payment: Payment) -> str:
        """What Stripe kept of it; a dash until it is known."""
        return "–" if payment.fee_cents is None else dollars(payment.fee_cents)

    @admin.display(description="Charge")
    def charge(self, payment: Payment) -> str:
        """The way to the payment at Stripe."""
        reference = payment.payment_intent_id or payment.charge_id
        return _at_stripe(f"payments/{reference}", payment.charge_id or reference) if reference else "–"

    @admin.display(description="Subscription")
    def plan_at_stripe(self, payment: Payment) -> str:
        """The subscription it paid for."""
        return link_to(payment.subscription)


@admin.register(StripeRequest)
class StripeRequestAdmin(LogAdmin):
    """What was asked of Stripe, newest first: those whose outcome is unknown stand out."""

    list_display = ("created_at", "operation", "asker", "standing", "result_id", "problem")
    list_display_links = ("created_at",)
    list_filter = ("state", "created_at")
    list_select_related = ("user",)
    search_fields = ("user__email", "=id", "=key", "=operation", "=result_id", "=target")
    search_help_text = "Whose it is, its key, its operation, or the id of what came of it"
    ordering = ("-created_at",)
    fields = (
        "id", "key", "operation", "target", "asker", "sent", "standing", "result_id", "error", "error_code",
        "is_declined", "created_at",
        "sent_at", "finished_at",
    )  # fmt: skip
    readonly_fields = ("asker", "sent", "standing")

    @admin.display(description="For", ordering="user__email")
    def asker(self, request: StripeRequest) -> str:
        """Whose affair it is."""
        return link_to(request.user)

    @admin.display(description="Parameters")
    def sent(self, request: StripeRequest) -> str:
        """What was sent along."""
        return format_html(
            "<code>{}</code>", json.dumps(request.parameters, ensure_ascii=False, sort_keys=True)
        )

    @admin.display(description="Error")
    def problem(self, request: StripeRequest) -> str:
        """Why it was refused."""
        return shortened(request.error) or "–"

    @display(
        description="Outcome",
        ordering="state",
        label={
            StripeRequest.State.PENDING.label: "warning",
            StripeRequest.State.DONE.label: "success",
            StripeRequest.State.REFUSED.label: "danger",
        },
    )
    def standing(self, request: StripeRequest) -> str:
        """What is known of its outcome."""
        return request.get_state_display()


def _at_stripe(path: str, text: str) -> str:
    """Return a link to Stripe's dashboard; plain text where Stripe is not who is asked."""
    if settings.STRIPE_API_HOST != settings.STRIPE_HOST:
        return text
    mode = "" if settings.STRIPE_LIVE_MODE else "test/"
    return link(f"https://dashboard.stripe.com/{mode}{path}", text)
