"""What the owner of a session is told when it ends or waits for credits, beside what its page shows."""

from django.urls import reverse

from accounts.notifications import Kind
from accounts.services.notifications import notify
from orchestration.commissions import COMMISSIONS
from orchestration.models import ServiceOrder, Session
from orchestration.presenting import credits_text
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
        title = f"“{session.title}” is done{_when(session)}"
        cost = f"It cost {credits_text(session.spent)}."
        body = f"{session.reason} {cost} Read the result, or compare the versions."
        _tell(session, Kind.RUN_FINISHED, end, title, body)
    elif session.status == Status.FAILED:
        kept = "What was written is kept; run the last turn again, on another model if you like."
        title, body = f"“{session.title}” failed{_when(session)}", f"{session.reason} {kept}"
        _tell(session, Kind.RUN_FAILED, end, title, body)
    elif session.reason_code == Reason.OPERATOR:
        body = f"{session.reason} What was written is kept."
        _tell(session, Kind.RUN_FAILED, end, f"“{session.title}” was stopped{_when(session)}", body)


def tell_wait(session: Session) -> None:
    """Tell that the session waits for credits, a higher cap, the next month or a larger plan.

    Nothing for any other rest: its owner asked for it.

    Told once for each step and cap: a session that wakes and finds too few credits again says nothing new.
    """
    if session.status != Status.AWAITING_CREDITS and session.reason_code != Reason.PLAN:
        return
    what, text = "credits", "waits for credits"
    if session.reason_code == Reason.CAP:
        what, text = str(session.cap_credits), "has reached its cap"
    elif session.reason_code == Reason.QUOTA:
        what, text = "quota", "waits for next month’s tokens"
    elif session.reason_code == Reason.PLAN:
        what, text = "plan", "is paused: its project is read-only"
    step = f"{session.status}:{session.round}.{session.phase}:{what}"
    _tell(session, Kind.RUN_PAUSED, step, f"“{session.title}” {text}", session.reason)


def _when(session: Session) -> str:
    """Return what tells an end from the others of sessions of the same name: its round and its moment."""
    assert session.ended_at is not None  # noqa: S101 - by constraint, of a session that has ended
    at = session.ended_at.astimezone(session.owner.zone)
    return f": round {session.round}, {at:%-d %b}, {at:%H:%M}"


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
