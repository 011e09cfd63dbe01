"""The month's tokens between rounds: a run that would pass them waits for the next month."""

from datetime import datetime

from billing import quotas
from billing.entitlements import limits_for
from config.common.errors import Refused
from credits import metering
from orchestration.context import material_for
from orchestration.models import Session
from orchestration.runtime.plans import tokens_to_read
from orchestration.workflow.terms import Role

_TOKENS = "tokens_per_month"


class MonthUsed(Exception):  # an answer, which callers put into words
    """The month has no room for another round: `text` says so, `until` is when it starts again."""

    def __init__(self, text: str, *, until: datetime) -> None:
        super().__init__(text)
        self.text, self.until = text, until


def require_another_round(session: Session) -> None:
    """Return where the owner's month has room for what the next round's Writer reads; else raise MonthUsed.

    The same question that the start asked: a round that was begun is finished.
    """
    if session.service or limits_for(session.owner).of(_TOKENS) is None:
        return
    writers = session.roles.filter(role=Role.WRITER)
    tokens = sum(tokens_to_read(material_for(session, writer)) for writer in writers)
    try:
        quotas.require(user=session.owner, limit=_TOKENS, adding=max(1, tokens))
    except Refused as refusal:
        until = metering.running_period(user_id=session.owner_id).end
        text = f"{refusal.message} The session goes on by itself then, and nothing is lost."
        raise MonthUsed(text, until=until) from refusal
