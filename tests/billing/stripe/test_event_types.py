"""What Stripe is asked to tell is exactly what something is done about."""

import re
from typing import get_args

import pytest
from stripe.params import WebhookEndpointCreateParams

from billing.stripe import copies, mirror
from billing.stripe.event_types import EVENT_TYPES
from billing.stripe.kinds import Kind, kind_of, object_of

KINDS = get_args(Kind)
OFFERED = re.findall(r"'([a-z_.]+)'", str(WebhookEndpointCreateParams.__annotations__["enabled_events"]))
"""All that Stripe has to tell, in the API version of the SDK."""

NOT_ASKED = {
    "charge.captured": "charges are captured at once",
    "charge.expired": "charges are captured at once",
    "charge.failed": "the invoice tells of it",
    "charge.pending": "the invoice or the checkout tells when it is paid",
    "charge.refund.updated": "refund.updated",
    "customer.subscription.pending_update_applied": "changes are never left pending",
    "customer.subscription.pending_update_expired": "changes are never left pending",
    "invoice.created": "a draft is no invoice yet",
    "invoice.deleted": "only drafts are",
    "invoice.finalization_failed": "it stays a draft",
    "invoice.overdue": "invoices are charged, not sent",
    "invoice.overpaid": "invoices are charged, not sent",
    "invoice.payment_attempt_required": "invoices are charged, not sent",
    "invoice.payment_succeeded": "invoice.paid",
    "invoice.sent": "invoices are charged, not sent",
    "invoice.upcoming": "nothing is there yet",
    "invoice.will_be_due": "invoices are charged, not sent",
    "subscription_schedule.expiring": "nothing has changed yet",
}
"""What is told of the kinds that are followed, and changes nothing here; why not."""

OTHER_OBJECTS = ("customer.discount.", "customer.source.", "customer.tax_id.")
"""These begin with a kind's name, and are about objects of another kind."""


def _kind_told_of(event_type: str) -> str | None:
    """Return the kind that an event is about: of two that fit the longer name."""
    fitting = [kind for kind in KINDS if event_type.startswith(f"{kind}.")]
    return max(fitting, key=len, default=None)


def _is_handled(kind: str) -> bool:
    return bool(mirror._meanings[kind]) or object_of(kind) in copies._KEPT


@pytest.mark.parametrize("event_type", EVENT_TYPES)
def test_each_type_that_is_asked_for_is_offered_and_handled(event_type) -> None:
    assert event_type in OFFERED
    kind = _kind_told_of(event_type)
    assert kind is not None
    assert _is_handled(kind)


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_that_is_followed_is_asked_for_and_handled(kind) -> None:
    assert kind in {_kind_told_of(event_type) for event_type in EVENT_TYPES}
    assert _is_handled(kind)


def test_each_meaning_is_of_a_kind_that_is_told_of() -> None:
    assert {kind for kind, handlers in mirror._meanings.items() if handlers} <= set(KINDS)


def test_whatever_else_is_offered_of_these_kinds_is_left_for_a_reason() -> None:
    """After an upgrade of the SDK this names the types that are new."""
    about = {each for each in OFFERED if _kind_told_of(each) and not each.startswith(OTHER_OBJECTS)}
    assert len(about) > 40
    assert about - set(EVENT_TYPES) == set(NOT_ASKED)
    assert len(set(EVENT_TYPES)) == len(EVENT_TYPES)


@pytest.mark.parametrize(
    ("object_id", "kind"),
    [("sub_1", "customer.subscription"), ("sub_sched_1", "subscription_schedule"), ("py_1", "charge"),
     ("du_1", "charge.dispute"), ("pyr_1", "refund"), ("pi_1", None), ("si_1", None), ("", None)],
)  # fmt: skip
def test_an_objects_kind_stands_in_its_id(object_id, kind) -> None:
    assert kind_of(object_id) == kind
