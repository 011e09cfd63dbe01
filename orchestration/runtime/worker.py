"""Works on one turn: claims it, streams the answer, keeps the lease, heeds the owner, finishes."""

import contextlib
import logging
import time
import uuid

from celery.exceptions import SoftTimeLimitExceeded
from django.db import InterfaceError, OperationalError, connection

from orchestration.context import material_for
from orchestration.models import Turn
from orchestration.providers.base import ProviderError, ProviderRequest
from orchestration.runtime import finishing, leases
from orchestration.runtime.leases import Claim, LostLease
from orchestration.runtime.pump import Pump
from orchestration.runtime.results import Result
from orchestration.runtime.timing import (
    BATCH_SECONDS,
    LEASE_SECONDS,
    MOST_CRASHES,
    POLL_SECONDS,
    RENEW_SECONDS,
)
from orchestration.streaming.publish import Fenced, TurnVoice
from orchestration.workflow.terms import Wish
from orchestration.workflow.tokens import estimate
from orchestration.workflow.visible import VisibleText, strip_control

logger = logging.getLogger(__name__)
_FINISH_TRIES = 6


def run(*, turn_id: uuid.UUID, worker: str) -> bool:
    """Work on the turn if nobody else does; return whether this worker had it.

    Whatever happens to this process, nothing is lost: what it did not finish, another one takes over.
    """
    held = leases.claim(turn_id=turn_id, worker=worker)
    if held is None:
        return False
    try:
        if held.crashes >= MOST_CRASHES:
            finishing.give_up(held)
        else:
            _Attempt(held).run()
    except (LostLease, Fenced):
        logger.info("Turn %s was taken over from attempt %d", turn_id, held.attempt)
    return True


class _Attempt:
    """One worker's try at a turn."""

    def __init__(self, held: Claim) -> None:
        self.held = held
        turn = Turn.objects.select_related("role").get(pk=held.turn_id)
        self.text = self._saved = turn.partial
        self._filter = VisibleText(turn.role.role)
        shown = self._filter.feed(self.text)
        self.turn = finishing.begin(held, shown)
        self.voice = TurnVoice(turn.session_id, turn.pk, held.attempt, shown)
        self._is_kept = False
        self._renewed = time.monotonic()
        self._told = 0.0

    def run(self) -> None:
        """Stream the answer and finish."""
        session = self.turn.session
        if session.wish:
            self._finish(Result(text=self.text, wish=Wish(session.wish)))
            return
        request = ProviderRequest(
            model=self.turn.model,
            material=material_for(session, self.turn.role, turn=self.turn),
            max_tokens=max(1, self.turn.max_output - estimate(self.text)),
            temperature=float(self.turn.role.temperature),
            prefix=self.text,
        )
        pump = Pump(request)
        try:
            wish = self._stream(pump)
            if wish:
                self._hear(pump.cancel())
                result = Result(text=self.text, calls=pump.calls, wish=wish)
            else:
                result = Result(text=self.text, calls=pump.calls, error=_in_words(pump.error))
        except SoftTimeLimitExceeded:
            self._hear(pump.cancel())
            result = Result(text=self.text, calls=pump.calls, error="It took too long and was ended.")
        except SystemExit:
            pump.abandon()
            self._let_go()
            raise
        except BaseException:
            pump.abandon()
            raise
        self._finish(result, request)

    def _stream(self, pump: Pump) -> Wish:
        """Take the answer in until it ends or the owner wishes otherwise; return the wish."""
        while not pump.done:
            gather = max(0.0, self._told + BATCH_SECONDS - time.monotonic())
            wish = self._hear(pump.take(wait=POLL_SECONDS, gather=gather))
            if time.monotonic() - self._renewed >= RENEW_SECONDS or self._has_first_words():
                wish = self._renew() or wish
            if wish and not pump.done:
                return wish
        return Wish.NONE

    def _has_first_words(self) -> bool:
        """Whether this attempt has words and none is saved: saved ones show that it was not in vain."""
        return not self._is_kept and self.text != self._saved

    def _hear(self, piece: str) -> Wish:
        """Add `piece` to the text and tell what of it may be shown."""
        if not piece:
            return Wish.NONE
        piece = strip_control(piece)
        self.text += piece
        shown = self._filter.feed(piece)
        if not shown:
            return Wish.NONE
        self._told = time.monotonic()
        return self.voice.say(shown)

    def _say_the_rest(self) -> None:
        """Tell what was held back because it might have become a tag."""
        rest = self._filter.finish()
        if rest:
            self.voice.say(rest)

    def _renew(self) -> Wish:
        """Renew the lease and save the text; a database that is away for a moment is waited for."""
        try:
            wish = leases.renew(self.held, partial=self.text if self.text != self._saved else None)
        except (OperationalError, InterfaceError):
            connection.close()
            if time.monotonic() - self._renewed > LEASE_SECONDS - RENEW_SECONDS:
                raise LostLease from None
            return Wish.NONE
        self._is_kept = self._is_kept or self.text != self._saved
        self._renewed, self._saved = time.monotonic(), self.text
        return wish

    def _let_go(self) -> None:
        """Told to end (a deployment, a lost broker): leave the turn to whoever comes first."""
        with contextlib.suppress(OperationalError, InterfaceError):
            leases.let_go(self.held, partial=self.text)

    def _finish(self, result: Result, request: ProviderRequest | None = None) -> None:
        """Finish, again where the database was away for a moment: the attempt makes it happen once."""
        if result.wish != Wish.PAUSE and not result.ran_out(self.turn):
            self._say_the_rest()
        for number in range(1, _FINISH_TRIES + 1):
            try:
                finishing.finish(self.held, result, request.prompt if request else None)
            except (OperationalError, InterfaceError):
                connection.close()
                if number == _FINISH_TRIES:
                    raise
                time.sleep(0.3 * number)
            else:
                return


def _in_words(error: Exception | None) -> str:
    if error is None:
        return ""
    if isinstance(error, ProviderError):
        return str(error)
    logger.error("A provider failed unexpectedly", exc_info=error)
    return "The agent met an unexpected problem."
