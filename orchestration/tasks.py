"""What workers are asked to do: ids in, a verb called."""

import os
import socket
import uuid

from celery import Task, shared_task

from orchestration.runtime import holds, reaper, worker
from orchestration.services import pause_suspended


@shared_task(bind=True)
def run_turn(self: "Task[[str], None]", turn_id: str) -> None:
    """Work on a turn, unless somebody does or it is over."""
    name = self.request.hostname or socket.gethostname()
    worker.run(turn_id=uuid.UUID(turn_id), worker=f"{name}:{os.getpid()}")


@shared_task
def ring_runnable() -> None:
    """Ring for what should run, wake what can pay again, and stop what nobody may run any more."""
    pause_suspended()
    reaper.ring_runnable()
    reaper.wake_paid()
    reaper.wake_months()
    reaper.unstick()


@shared_task
def wake_paid(wallet_id: int) -> None:
    """Wake what waits for the credits of a wallet that has more of them now."""
    reaper.wake_paid(wallet_id=wallet_id)


@shared_task
def release_dead_holds() -> None:
    """Give back what no turn needs."""
    holds.release_dead_holds()
