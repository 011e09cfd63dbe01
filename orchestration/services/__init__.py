"""The verbs on editorial sessions: what pages, API and tasks call."""

from orchestration.services.cap import raise_cap
from orchestration.services.control import add_note, pause, resume, stop
from orchestration.services.operating import (
    cancel_for_studio,
    pause_suspended,
    release_dead,
    retry_for_studio,
    stop_for_studio,
)
from orchestration.services.ordering import (
    follow_payment,
    open_order,
    start_order,
    start_order_on_file,
)
from orchestration.services.rerun import rerun_turn
from orchestration.services.review import approve_round, changes_of_round, choose_in_round, reject_round
from orchestration.services.setup import create_session
from orchestration.services.start import start_session

__all__ = [
    "add_note",
    "approve_round",
    "cancel_for_studio",
    "changes_of_round",
    "choose_in_round",
    "create_session",
    "follow_payment",
    "open_order",
    "pause",
    "pause_suspended",
    "raise_cap",
    "reject_round",
    "release_dead",
    "rerun_turn",
    "resume",
    "retry_for_studio",
    "start_order",
    "start_order_on_file",
    "start_session",
    "stop",
    "stop_for_studio",
]
