"""Services that were bought: an order for each payment, carried out once, or cancelled."""

from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from accounts.models import User
from billing.models import Payment
from billing.webhooks import attention
from config.common import clock
from config.common.errors import Conflict, Invalid, Missing
from objects.models import Document, DocumentVersion
from objects.quotas import hold_still
from objects.services import create_document, read_file
from orchestration import notices
from orchestration.commissions import COMMISSIONS, Commission
from orchestration.estimates import foresee
from orchestration.models import ServiceOrder
from orchestration.offers import default_model, offered_models
from orchestration.providers.registry import HOUSE
from orchestration.services.setup import create_session
from orchestration.services.start import start_session
from orchestration.spec import SessionSpec


@transaction.atomic
def open_order(*, payment: Payment) -> ServiceOrder | None:
    """Open the order of a payment for a service, once, and tell its buyer where to begin.

    None where it is for no service, or its buyer is gone; where it is for one that the studio does not know,
    operators are told.
    """
    product, user = payment.product, payment.user
    if product is None or user is None or not product.service:
        return None
    if product.service not in COMMISSIONS:
        attention.ask_for(
            cause=f"service:{payment.pk}",
            title="A service was bought that nobody carries out",
            body=f"The catalogue calls it “{product.service}”. Give the money back, or do it by hand.",
            subject=payment,
        )
        return None
    order, is_new = ServiceOrder.objects.get_or_create(
        payment=payment,
        defaults={"owner": user, "service": product.service, "credits": product.includes_credits},
    )
    if is_new:
        notices.tell_order(order)
    return order


@transaction.atomic
def follow_payment(*, payment: Payment) -> None:
    """Cancel an order that was not started and whose whole payment went back; open it if that came back."""
    order = ServiceOrder.objects.select_for_update().filter(payment=payment, started_at=None).first()
    if order is None:
        return
    if payment.is_reversed and order.cancelled_at is None:
        order.cancelled_at = clock.now()
    elif not payment.is_reversed and order.cancelled_at is not None:
        order.cancelled_at = None
        notices.tell_order(order)
    order.save(update_fields=["cancelled_at"])


@transaction.atomic
def start_order(*, order_id: UUID, user: User, document: Document) -> ServiceOrder:
    """Have the panel of an order read `document`; one that was started before is returned as it is.

    Its session spends no more than came with the order, and is not bounded by the buyer's plan. Raises
    Missing, Conflict for one that was cancelled, Invalid for a text that is longer than its credits can read,
    and what starting a session raises; nothing was changed then.
    """
    order = _locked(order_id, user)
    if order.started_at is not None:
        return order
    if not document.body.strip():
        raise Invalid(
            f"“{document.title}” is empty: there is nothing to read yet.",
            details={"fields": {"document": ["It is empty."]}},
        )
    spec = _spec(order, user, document)
    session = create_session(owner=user, spec=spec, service=order.service)
    start_session(session_id=session.pk, user=user)
    order.session, order.started_at = session, clock.now()
    order.save(update_fields=["session", "started_at"])
    return order


def start_order_on_file(*, order_id: UUID, user: User, file: "UploadedFile[Any]") -> ServiceOrder:
    """Make a document of a manuscript and have the panel of an order read it, as `start_order` does.

    How long it may be, the service says where the plan says less: a whole book may be read on any plan. Who
    cannot keep one so long may change it after, and not let it grow. Nothing stays of a file that is refused.
    """
    order = _open(ServiceOrder.objects.editable_by(user).filter(pk=order_id).first())
    if order.started_at is not None:
        return order
    extracted = read_file(owner=user, file=file)  # before anything is locked
    with transaction.atomic():
        order = _locked(order_id, user)
        if order.started_at is not None:
            return order
        document = create_document(
            owner=user,
            title=extracted.title,
            body=extracted.markdown,
            cause=DocumentVersion.Cause.IMPORTED,
            bought_words=COMMISSIONS[order.service].most_words,
        )
        return start_order(order_id=order_id, user=user, document=document)


def _locked(order_id: UUID, user: User) -> ServiceOrder:
    """Return the order until the end of the transaction."""
    hold_still(user)  # as a refund does: then the order's row
    mine = ServiceOrder.objects.editable_by(user).select_for_update(of=("self",))
    return _open(mine.filter(pk=order_id).first())


def _open(order: ServiceOrder | None) -> ServiceOrder:
    """Return the order that was found; raise Missing, and Conflict for one that was cancelled."""
    if order is None:
        raise Missing("There is no such order.")
    if order.cancelled_at is not None:
        raise Conflict("This order was cancelled: its payment went back to you.")
    return order


def _spec(order: ServiceOrder, user: User, document: Document) -> SessionSpec:
    """Return the session of an order on the first model that fits: the buyer's usual, then the studio's."""
    commission = COMMISSIONS[order.service]
    for model in dict.fromkeys((default_model(user, offered_models(user)), HOUSE)):
        spec = _on(commission, order, document, model)
        foreseen = foresee(owner=user, spec=spec, is_bought=True)
        if foreseen.credits(foreseen.forecast.high) <= order.credits:
            return spec
    raise Invalid(
        f"“{document.title}” is longer than the {order.credits} credits of this order can read. "
        "Choose a part of it, a few chapters: nothing is spent yet.",
        details={"fields": {"document": ["It is too long for this order."]}},
    )


def _on(commission: Commission, order: ServiceOrder, document: Document, model: str) -> SessionSpec:
    return SessionSpec(
        title=f"{commission.title}: {document.title}"[:200],
        document=document,
        text="",
        project=document.project,
        instructions=commission.brief,
        roles=tuple(chair.seat(model) for chair in commission.panel),
        max_rounds=1,
        score_threshold=None,
        cap_credits=order.credits,
        approve_rounds=False,
        references=(),
    )
