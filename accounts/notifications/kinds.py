"""What there is to tell a user, by which ways, and which of it they may switch off."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a notice is about."""

    WELCOME = "welcome"
    PAYMENT_SUCCEEDED = "payment_succeeded"
    PAYMENT_FAILED = "payment_failed"
    SUBSCRIPTION_CHANGED = "subscription_changed"
    QUOTA_80 = "quota_80"
    QUOTA_100 = "quota_100"
    CREDITS_LOW = "credits_low"
    CREDITS_ADJUSTED = "credits_adjusted"
    RUN_FINISHED = "run_finished"
    RUN_PAUSED = "run_paused"
    RUN_FAILED = "run_failed"
    EXPORT_READY = "export_ready"
    SHARE_RECEIVED = "share_received"
    COMMENT_MENTION = "comment_mention"
    MODERATION_DECISION = "moderation_decision"
    APPEAL_ANSWERED = "appeal_answered"


class Channel(StrEnum):
    """The way a notice takes to its reader."""

    IN_APP = "in_app"
    EMAIL = "email"


@dataclass(frozen=True, slots=True)
class Rule:
    """How a kind is told unless its reader chose otherwise; a `locked` channel is on whatever they choose."""

    label: str
    defaults: frozenset[Channel]
    locked: frozenset[Channel] = frozenset()

    def allows(self, channel: Channel, chosen: bool | None) -> bool:
        """Whether `channel` is on for a reader who chose `chosen`; None where they chose nothing."""
        if channel in self.locked:
            return True
        return channel in self.defaults if chosen is None else chosen


_BOTH = frozenset(Channel)
_PAGE = frozenset({Channel.IN_APP})

RULES: Mapping[Kind, Rule] = {
    Kind.WELCOME: Rule("Welcome", _BOTH, locked=_BOTH),
    Kind.PAYMENT_SUCCEEDED: Rule("A payment went through", _BOTH),
    Kind.PAYMENT_FAILED: Rule("A payment failed", _BOTH, locked=_BOTH),
    Kind.SUBSCRIPTION_CHANGED: Rule("Your plan changed", _BOTH, locked=_BOTH),
    Kind.QUOTA_80: Rule("80 % of an allowance is used", _BOTH),
    Kind.QUOTA_100: Rule("An allowance is used up", _BOTH),
    Kind.CREDITS_LOW: Rule("Your credits run low", _BOTH),
    Kind.CREDITS_ADJUSTED: Rule("The studio added or corrected credits", _BOTH, locked=_PAGE),
    Kind.RUN_FINISHED: Rule("A session is done", _BOTH),
    Kind.RUN_PAUSED: Rule("A session waits for credits or for its cap", _BOTH),
    Kind.RUN_FAILED: Rule("A session failed", _BOTH),
    Kind.EXPORT_READY: Rule("An export is ready", _PAGE),
    Kind.SHARE_RECEIVED: Rule("Somebody shares a text with you", _BOTH),
    Kind.COMMENT_MENTION: Rule("Somebody mentions you in a comment", _BOTH),
    Kind.MODERATION_DECISION: Rule("A decision about your content", _BOTH, locked=_BOTH),
    Kind.APPEAL_ANSWERED: Rule("An answer to your appeal", _BOTH, locked=_BOTH),
}
