"""A process of the product that dies between a commit and its doorbell.

Usage: python -m tests.faults.dying start|work SESSION …

`start` dies as a web process that has started a run; `work` as a worker that has finished a run's first turn.
Each session has a process of its own, forked from this one, which ends with 0 when all of them died so.
"""

import os
import sys
import uuid
from collections.abc import Iterable

import django

_DEAD = 86


def main(verb: str, *sessions: str) -> None:
    """Let one process die for each session, one after the other."""
    django.setup()
    codes = []
    for session in sessions:
        pid = os.fork()
        if not pid:
            _die(verb, uuid.UUID(session))
        codes.append(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
    sys.exit(f"ended with {codes}" if set(codes) != {_DEAD} else 0)


def _die(verb: str, session_id: uuid.UUID) -> None:
    """Do the work up to the doorbell that must not be heard; never returns."""
    from orchestration.models import Session
    from orchestration.runtime import dispatch, worker
    from orchestration.services import start_session

    doorbells = 1 if verb == "start" else 2

    def ring(turn_ids: Iterable[str]) -> None:
        nonlocal doorbells
        doorbells -= 1
        if not doorbells:
            os._exit(_DEAD)

    dispatch.ring = ring
    try:
        session = Session.objects.get(pk=session_id)
        start_session(session_id=session.pk, user=session.owner)
        worker.run(turn_id=session.turns.get().pk, worker="dying")
    finally:
        os._exit(1)


if __name__ == "__main__":
    main(*sys.argv[1:])
