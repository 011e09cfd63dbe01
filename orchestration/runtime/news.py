"""Collects what a transaction has to tell the followers of a session, and tells it after the commit."""

from typing import Any

from django.db import transaction

from orchestration import selectors
from orchestration.models import Finding, Session, Turn
from orchestration.streaming.publish import Action, Event, announce
from orchestration.workflow.terms import TurnStatus


class News:
    """The events of one change to a session whose row the transaction holds."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._events: list[Event] = []

    def turn_started(self, turn: Turn, text: str) -> None:
        """A worker has it; `from` says after how many characters of its visible `text` it goes on."""
        data = {"turn": str(turn.pk), "from": len(text), **selectors.turn_state(turn)}
        self._events.append(Event("turn_started", data, turn.pk, turn.attempt, Action.OPEN, text))

    def turn_ended(self, turn: Turn) -> None:
        """It finished, failed, was cancelled or was suspended."""
        data = {"turn": str(turn.pk), **selectors.turn_state(turn)}
        # A suspended one goes on from its last word: what followers were told of it stays known.
        action = Action.NONE if turn.status == TurnStatus.SUSPENDED else Action.CLOSE
        self._events.append(Event("turn_finished", data, turn.pk, turn.attempt, action))

    def finding(self, finding: Finding) -> None:
        """A finding was made or decided about."""
        self._events.append(Event("finding", selectors.finding_state(finding)))

    def document(self, turn: Turn | None) -> None:
        """The document has a new version."""
        data = selectors.session_state(self.session)["document"]
        self._events.append(Event("document", {"turn": str(turn.pk) if turn else None, **data}))

    def error(self, turn: Turn) -> None:
        """A turn failed for good."""
        self._events.append(Event("error", {"turn": str(turn.pk), "message": turn.reason}))

    def tell(self) -> None:
        """Save the session's next stamp, and tell everything, with its status and credits, on commit."""
        session = self.session
        session.stamp += 1
        session.save(update_fields=["stamp"])
        events = [*self._events, *self._standing()]
        stamp, wish, ended, key = session.stamp, session.wish, session.is_ended, session.pk
        transaction.on_commit(
            lambda: announce(session_id=key, stamp=stamp, wish=wish, events=events, ended=ended),
            robust=True,
        )

    def _standing(self) -> list[Event]:
        """The events that close every change: where the session stands now."""
        state = selectors.session_state(self.session)
        credits: dict[str, Any] = state["credits"]
        told = [Event("credits", credits), Event("status", state)]
        if self.session.is_ended:
            ending = {key: state[key] for key in ("status", "reason_code", "reason")}
            told.append(Event("done", ending))
        return told
