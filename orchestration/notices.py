"""What the owner of a session is told when it ends or waits for credits, beside what its page shows."""

from django.urls import reverse

from accounts.notifications import Kind
from accounts.services.notifications import notify
from orchestration.commissions import COMMISSIONS
from orchestration.models import ServiceOrder, Session
from orchestration.workflow.endings import Reason
from orchestration.workflow.terms import Status


def tell_end(session: Session) -> None:
    """Tell that the session is done, has failed, or was stopped by the studio.

    Told once for each end; one that goes on after its last turn is run again ends again. Whoever stopped
    it themselves is not told.
    """
    # The stamp of the change that ends it: no two ends of a session have the same.
    end = f"{session.status}:{session.stamp + 1}"
    if session.status == Status.COMPLETED:
        title, body = (
            f"“{session.title}” is done",
            f"{session.reason} Read the result, or compare the versions.",
        )
        _tell(session, Kind.RUN_FINISHED, end, title, body)
    elif session.status == Status.FAILED:
        kept = "What was written is kept; run the last turn again, on another model if you like."
        _tell(session, Kind.RUN_FAILED, end, f"“{session.title}” failed", f"{session.reason} {kept}")
    elif session.reason_code == Reason.OPERATOR:
        body = f"{session.reason} What was written is kept."
        _tell(session, Kind.RUN_FAILED, end, f"“{session.title}” was stopped", body)


def tell_wait(session: Session) -> None:
    """Tell that the session waits for credits, or for a higher cap; nothing for any other rest.

    Told once for each step and cap: a session that wakes and finds too few credits again says nothing new.
    """
    if session.status != Status.AWAITING_CREDITS:
        return
    by_cap = session.reason_code == Reason.CAP
    step = f"{session.status}:{session.round}.{session.phase}:{session.cap_credits if by_cap else 'credits'}"
    title = f"“{session.title}” {'has reached its cap' if by_cap else 'waits for credits'}"
    _tell(session, Kind.RUN_PAUSED, step, title, session.reason)


def tell_order(order: ServiceOrder) -> None:
    """Tell whoever bought a service that it waits for a text, and where to choose one."""
    commission = COMMISSIONS[order.service]
    notify(
        user=order.owner,
        kind=Kind.ORDER_WAITS,
        cause=f"order:{order.pk}",
        title=f"Your {commission.title.lower()} waits for its text",
        body=f"{commission.promise} Choose one of your documents, or upload one, and press Start.",
        url=reverse("orchestration:order", args=[order.pk]),
        data={"order": str(order.pk), "service": order.service},
    )


def _tell(session: Session, kind: Kind, cause: str, title: str, body: str) -> None:
    notify(
        user=session.owner,
        kind=kind,
        cause=f"{session.pk}:{cause}",
        title=title,
        body=body,
        url=reverse("orchestration:session", args=[session.pk]),
        data={
            "session": str(session.pk),
            "status": session.status,
            "reason_code": session.reason_code,
            "round": session.round,
        },
    )
