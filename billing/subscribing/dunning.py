"""What follows where a renewal could not be paid: what is known of the next try, and that its payer knows."""

from typing import Any

from billing import notices
from billing.models import StripeSubscription
from billing.stripe.shapes import Shape, moment_or_none

FIRST = "subscription_create"
"""The first invoice of a subscription: whoever pays it stands before the page that says what went wrong."""


def note_failure(stripe: StripeSubscription, *, invoice: Shape) -> None:
    """Keep how often an open invoice was tried and when it is tried next, and tell whose it is."""
    attempt = int(invoice.get("attempt_count") or 0)
    if attempt == 0 or invoice.get("billing_reason") == FIRST or not stripe.is_live:
        return
    stripe.attempts = attempt
    stripe.next_attempt_at = moment_or_none(invoice.get("next_payment_attempt"))
    stripe.past_due_since = _first_tried(invoice)
    stripe.save(update_fields=["attempts", "next_attempt_at", "past_due_since"])
    notices.payment_failed(
        stripe,
        invoice_id=str(invoice["id"]),
        attempt=attempt,
        amount_cents=int(invoice["amount_remaining"]),
        invoice_url=str(invoice.get("hosted_invoice_url") or ""),
    )


def note_recovery(stripe: StripeSubscription) -> None:
    """Forget that anything was due. Not saved."""
    stripe.attempts, stripe.next_attempt_at, stripe.past_due_since = 0, None, None


def _first_tried(invoice: Shape) -> Any:
    transitions = invoice.get("status_transitions") or {}
    return moment_or_none(transitions.get("finalized_at")) or moment_or_none(invoice.get("created"))
