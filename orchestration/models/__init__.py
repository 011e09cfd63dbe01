"""Editorial sessions, their turns, findings, notes and quotes, orders, and the log of calls to providers."""

from orchestration.models.finding import Finding
from orchestration.models.order import ServiceOrder
from orchestration.models.quote import Quote
from orchestration.models.request import AIRequest
from orchestration.models.session import Note, Session, SessionReference, SessionRole
from orchestration.models.turn import Turn

__all__ = [
    "AIRequest",
    "Finding",
    "Note",
    "Quote",
    "ServiceOrder",
    "Session",
    "SessionReference",
    "SessionRole",
    "Turn",
]
