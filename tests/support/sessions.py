"""Builders of editorial sessions, and a worker that runs their turns in this process."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.db import connections

from billing.models import Plan
from billing.provisioning import comp_plan
from config.common import clock
from credits import ledger
from objects.services import create_document
from orchestration.models import Session, Turn
from orchestration.runtime import worker
from orchestration.services import create_session, start_session
from orchestration.spec import read_spec

BODY = "In order to know the sea, he read it. The keeper was seen by the boy."
MODEL = "gpt-4o-mini"
TEAM = ("writer", "content_expert", "style_editor", "synthesizer")


def on_plan(user: Any, plan: str = "pro") -> Any:
    """Put `user` on `plan`, whose credits arrive at once."""
    comp_plan(
        user=user,
        plan=Plan.objects.get(code=plan),
        until=clock.now() + timedelta(days=60),
        actor=user,
        reason="tests",
    )
    user.refresh_from_db()
    return user


def draft(owner: Any, *, roles: Any = TEAM, body: str = BODY, model: str = MODEL, **fields: Any) -> Session:
    """Create a draft session of `owner` over a new document with `body`."""
    document = create_document(owner=owner, title="The ledger", body=body)
    team = [role if isinstance(role, dict) else {"role": role, "model": model} for role in roles]
    data = {"document": document.pk, "roles": team, "max_rounds": 1, **fields}
    return create_session(owner=owner, spec=read_spec(owner=owner, data=data))


def started(owner: Any, **fields: Any) -> Session:
    """Create and start a session."""
    return start_session(session_id=draft(owner, **fields).pk, user=owner)


def drive(session: Session, *, turns: int | None = None) -> Session:
    """Run the session's turns, one after the other, until none is left (or `turns` were run)."""
    done = 0
    while turns is None or done < turns:
        turn = Turn.objects.runnable().filter(session=session).first()
        if turn is None:
            break
        worker.run(turn_id=turn.pk, worker="test")
        done += 1
    session.refresh_from_db()
    return session


def give(user: Any, credits: int, key: str = "gift") -> None:
    """Give `user` credits."""
    ledger.grant(wallet_id=user.wallet.pk, amount=credits, source="bonus", key=f"{key}:{user.pk}")


def take_all(user: Any, leaving: int = 0) -> None:
    """Take the credits of `user` but `leaving`."""
    user.wallet.refresh_from_db()
    excess = user.wallet.available - leaving
    if excess:
        ledger.adjust(wallet_id=user.wallet.pk, amount=-excess, key=f"take:{user.pk}", description="tests")


def figures(user: Any) -> tuple[int, int]:
    """Return what `user` has available and held."""
    user.wallet.refresh_from_db()
    return user.wallet.available, user.wallet.held


@contextmanager
def working(session: Session) -> Iterator[None]:
    """Run the session's turns in a thread of its own meanwhile; wait for it at the end."""

    def work() -> None:
        try:
            drive(session)
        finally:
            connections.close_all()

    thread = threading.Thread(target=work)
    # The thread reads its own copy: the caller's is its own.
    session = Session.objects.get(pk=session.pk)
    thread.start()
    try:
        yield
    finally:
        thread.join(30)
        assert not thread.is_alive()


def wait_until(condition: Callable[[], object], seconds: float = 10) -> None:
    """Return once `condition` holds; fail after `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.02)


def race(*acts: Callable[[], Any]) -> list[Any]:
    """Do all `acts` at the same moment in threads; return what they returned or raised."""
    gate = threading.Barrier(len(acts))
    results: list[Any] = [None] * len(acts)

    def run(place: int, act: Callable[[], Any]) -> None:
        gate.wait()
        try:
            results[place] = act()
        except Exception as error:
            results[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results
