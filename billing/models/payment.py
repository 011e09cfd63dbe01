"""Money that arrived: the base of what is granted, and of every figure of revenue."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from billing.models.catalogue import Product
from billing.models.plan import PlanTerms, Price
from billing.models.stripe_subscription import StripeSubscription
from credits.periods import Period

_OF_INVOICE = Q(
    invoice_id__isnull=False,
    checkout_id__isnull=True,
    subscription__isnull=False,
    terms__isnull=False,
    interval__in=["month", "year"],
    period_start__isnull=False,
    period_end__isnull=False,
    product__isnull=True,
)
_OF_CHECKOUT = Q(
    invoice_id__isnull=True,
    checkout_id__isnull=False,
    subscription__isnull=True,
    terms__isnull=True,
    interval="",
    period_start__isnull=True,
    period_end__isnull=True,
    product__isnull=False,
)


class PaymentQuerySet(models.QuerySet["Payment"]):
    """Payments."""

    def kept(self) -> "PaymentQuerySet":
        """Return those whose money has stayed, at least in part: not refunded as a whole, no dispute lost."""
        gone = Q(reversals__undone_at__isnull=True) & (
            Q(reversals__kind="refund") | Q(reversals__status="lost")
        )
        reversed_cents = models.Sum("reversals__amount_cents", filter=gone, default=0)
        return self.alias(reversed_cents=reversed_cents).filter(amount_cents__gt=F("reversed_cents"))

    def of_products(self) -> "PaymentQuerySet":
        """Return those that paid for something bought once."""
        return self.filter(product__isnull=False)


class Payment(models.Model):
    """A payment that arrived, under the id of what was paid: an invoice or a checkout. Never twice for one.

    Outlives its user: revenue is kept without the person. `credits` is what was granted for it when it
    arrived; the later months of a year come by the clock.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="payments"
    )
    invoice_id = models.CharField(max_length=255, unique=True, null=True, blank=True)
    checkout_id = models.CharField(max_length=255, unique=True, null=True, blank=True)
    charge_id = models.CharField(max_length=255, blank=True, db_index=True)
    payment_intent_id = models.CharField(max_length=255, blank=True, db_index=True)
    amount_cents = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    fee_cents = models.BigIntegerField(null=True, blank=True, help_text="Empty until Stripe has told it.")
    subscription = models.ForeignKey(
        StripeSubscription, null=True, blank=True, on_delete=models.PROTECT, related_name="payments"
    )
    terms = models.ForeignKey(
        PlanTerms, null=True, blank=True, on_delete=models.PROTECT, related_name="payments"
    )
    interval = models.CharField(max_length=5, choices=Price.Interval.choices, blank=True)
    period_start = models.DateTimeField(null=True, blank=True)
    period_end = models.DateTimeField(null=True, blank=True)
    product = models.ForeignKey(
        Product, null=True, blank=True, on_delete=models.PROTECT, related_name="payments"
    )
    credits = models.BigIntegerField(default=0)
    paid_at = models.DateTimeField(db_index=True)

    objects = PaymentQuerySet.as_manager()

    class Meta:
        ordering = ["-paid_at"]
        constraints = [
            models.CheckConstraint(
                condition=_OF_INVOICE | _OF_CHECKOUT, name="billing_payment_of_plan_or_product"
            ),
            models.CheckConstraint(condition=Q(amount_cents__gt=0), name="billing_payment_amount_positive"),
            models.CheckConstraint(
                condition=Q(fee_cents__isnull=True) | Q(fee_cents__gte=0),
                name="billing_payment_fee_not_negative",
            ),
            models.CheckConstraint(condition=Q(credits__gte=0), name="billing_payment_credits_not_negative"),
            models.CheckConstraint(
                condition=Q(period_end__isnull=True) | Q(period_end__gt=F("period_start")),
                name="billing_payment_period_has_length",
            ),
        ]

    @property
    def period(self) -> Period | None:
        """The time on a plan that it paid for; None where it paid for something bought once."""
        return Period(self.period_start, self.period_end) if self.period_start and self.period_end else None

    @property
    def is_reversed(self) -> bool:
        """Whether all of its money went back, or is disputed."""
        gone = self.reversals.standing().aggregate(cents=models.Sum("amount_cents"))["cents"] or 0
        return bool(gone >= self.amount_cents)

    @property
    def key(self) -> str:
        """The ledger's key of the lot that it brought at once."""
        return f"invoice:{self.invoice_id}" if self.invoice_id else f"checkout:{self.checkout_id}"

    def __str__(self) -> str:
        return f"{self.amount_cents / 100:.2f} {self.currency.upper()}, {self.paid_at:%Y-%m-%d}"
