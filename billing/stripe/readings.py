"""What the copies of Stripe's objects tell a user: their invoices, their card, the discount they have."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import QuerySet
from djstripe.models import Customer, Invoice, PaymentMethod, Subscription

from accounts.models import User
from billing.stripe.discounts import Discount, discounts_at
from billing.stripe.shapes import id_of

_STATUSES = {
    "paid": ("paid", "good"),
    "open": ("to be paid", "warn"),
    "void": ("void", ""),
    "uncollectible": ("not collected", ""),
}
_REASONS = {
    "subscription_create": "First payment",
    "subscription_cycle": "Renewal",
    "subscription_update": "Change of plan",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceLine:
    """One invoice as a user reads it. `pdf` and `url` are Stripe's own pages, empty while there are none."""

    id: str
    number: str
    created_at: datetime
    total_cents: int
    due_cents: int
    status: str
    what: str
    pdf: str
    url: str

    @property
    def status_in_words(self) -> str:
        """The status as people say it."""
        return _STATUSES.get(self.status, (self.status, ""))[0]

    @property
    def tone(self) -> str:
        """The tone of its chip."""
        return _STATUSES.get(self.status, ("", ""))[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What renewals are paid with."""

    brand: str
    last4: str
    month: int
    year: int

    def is_expired(self, moment: datetime) -> bool:
        """Tell whether its last month is over at `moment`."""
        return (self.year, self.month) < (moment.year, moment.month)


def invoices_of(user: User) -> QuerySet[Invoice]:
    """Return the invoices of `user` that Stripe has issued, newest first; drafts are none yet."""
    mine = Invoice.objects.filter(customer__subscriber=user).exclude(stripe_data__status="draft")
    return mine.order_by("-created", "-djstripe_id")


def invoice_line(invoice: Invoice) -> InvoiceLine:
    """Return what a user reads of an invoice."""
    data = invoice.stripe_data
    return InvoiceLine(
        id=invoice.id,
        number=data.get("number") or "",
        created_at=invoice.created or datetime.fromtimestamp(data["created"], UTC),
        total_cents=data.get("total") or 0,
        due_cents=data.get("amount_remaining") or 0,
        status=data.get("status") or "",
        what=_what(data),
        pdf=data.get("invoice_pdf") or "",
        url=data.get("hosted_invoice_url") or "",
    )


def unpaid_invoice(user: User, *, subscription_id: str) -> InvoiceLine | None:
    """Return the newest invoice of a subscription that waits to be paid."""
    waiting = invoices_of(user).filter(
        stripe_data__status="open",
        stripe_data__parent__subscription_details__subscription=subscription_id,
    )
    found = waiting.first()
    return invoice_line(found) if found else None


def card_of(user: User, *, subscription_id: str) -> Card | None:
    """Return the card that the next invoice of a subscription is charged to; None where none is known."""
    subscription = Subscription.objects.filter(id=subscription_id).only("stripe_data").first()
    used = id_of((subscription.stripe_data if subscription else {}).get("default_payment_method"))
    if not used:
        customers = Customer.objects.filter(subscriber=user).only("stripe_data")
        settings = [customer.stripe_data.get("invoice_settings") or {} for customer in customers]
        used = next(filter(None, (id_of(one.get("default_payment_method")) for one in settings)), None)
    method = PaymentMethod.objects.filter(id=used).first() if used else None
    card = (method.stripe_data if method else {}).get("card")
    if not card:
        return None
    return Card(
        brand=str(card.get("display_brand") or card.get("brand") or "card").replace("_", " ").title(),
        last4=card.get("last4") or "",
        month=card.get("exp_month") or 12,
        year=card.get("exp_year") or 9999,
    )


def discounts_of(*, subscription_id: str, at: datetime, product: str | None) -> list[Discount]:
    """Return the discounts that count for what a subscription asks for `product` at `at`."""
    subscription = Subscription.objects.filter(id=subscription_id).only("stripe_data").first()
    return discounts_at(subscription.stripe_data, at, product=product) if subscription else []


def _what(data: dict[str, Any]) -> str:
    reason = _REASONS.get(data.get("billing_reason") or "")
    if reason:
        return reason
    lines = (data.get("lines") or {}).get("data") or []
    return (lines[0].get("description") or "Purchase") if lines else "Purchase"
