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
    STUDIO_NEEDS_YOU = "studio_needs_you"
    ORDER_WAITS = "order_waits"


class Channel(StrEnum):
    """The way a notice takes to its reader."""

    IN_APP = "in_app"
    EMAIL = "email"


@dataclass(frozen=True, slots=True)
class Rule:
    """How a kind is told unless its reader chose otherwise; a `locked` channel is on whatever they choose.

    `icon` is one of the sprite, `tone` what its colour means (good, warn, bad, or nothing of that), `action`
    what the button says that leads to the thing.
    """

    label: str
    icon: str
    tone: str
    action: str
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
    Kind.WELCOME: Rule("Welcome", "mark", "", "Open the studio", _BOTH, locked=_BOTH),
    Kind.PAYMENT_SUCCEEDED: Rule("A payment went through", "check", "good", "See the payment", _BOTH),
    Kind.PAYMENT_FAILED: Rule("A payment failed", "warn", "bad", "Put it right", _BOTH, locked=_BOTH),
    Kind.SUBSCRIPTION_CHANGED: Rule("Your plan changes", "page", "", "See your plan", _BOTH, locked=_BOTH),
    Kind.QUOTA_80: Rule("80 % of an allowance is used", "coins", "warn", "See what is used", _BOTH),
    Kind.QUOTA_100: Rule("An allowance is used up", "warn", "bad", "See what is used", _BOTH),
    Kind.CREDITS_LOW: Rule("Your credits run low", "coins", "warn", "See your credits", _BOTH),
    Kind.CREDITS_ADJUSTED: Rule(
        "The studio adds or corrects credits", "coins", "", "See your credits", _BOTH, locked=_PAGE
    ),
    Kind.RUN_FINISHED: Rule("A session is done", "check", "good", "Read the result", _BOTH),
    Kind.RUN_PAUSED: Rule("A session waits for credits", "pause", "warn", "Open the session", _BOTH),
    Kind.RUN_FAILED: Rule("A session fails or is stopped", "warn", "bad", "Open the session", _BOTH),
    Kind.EXPORT_READY: Rule("An export is ready", "download", "", "Download it", _PAGE),
    Kind.SHARE_RECEIVED: Rule("Somebody shares a text with you", "user", "", "Open the text", _BOTH),
    Kind.COMMENT_MENTION: Rule("Somebody mentions you in a comment", "note", "", "Read the comment", _BOTH),
    Kind.MODERATION_DECISION: Rule(
        "A decision about what you wrote", "shield", "warn", "Read the decision", _BOTH, locked=_BOTH
    ),
    Kind.APPEAL_ANSWERED: Rule(
        "An answer to your appeal", "shield", "", "Read the answer", _BOTH, locked=_BOTH
    ),
    Kind.ORDER_WAITS: Rule(
        "Something you bought waits for you", "page", "", "Open the order", _BOTH, locked=_PAGE
    ),
    Kind.STUDIO_NEEDS_YOU: Rule(
        "The studio needs an operator", "warn", "bad", "See what it is", _BOTH, locked=_BOTH
    ),
}

GROUPS: tuple[tuple[str, str, tuple[Kind, ...]], ...] = (
    (
        "Sessions",
        "The team works on while you are away.",
        (Kind.RUN_FINISHED, Kind.RUN_PAUSED, Kind.RUN_FAILED),
    ),
    (
        "Credits",
        "Before they are gone, and when somebody else changed them.",
        (Kind.CREDITS_LOW, Kind.QUOTA_80, Kind.QUOTA_100, Kind.CREDITS_ADJUSTED),
    ),
    (
        "Plan",
        "What you pay, and what you get for it.",
        (Kind.PAYMENT_SUCCEEDED, Kind.PAYMENT_FAILED, Kind.SUBSCRIPTION_CHANGED, Kind.ORDER_WAITS),
    ),
    (
        "Texts",
        "What others do with yours, or share of theirs.",
        (Kind.SHARE_RECEIVED, Kind.COMMENT_MENTION, Kind.EXPORT_READY),
    ),
    (
        "Decisions",
        "What the studio decides about your content.",
        (Kind.MODERATION_DECISION, Kind.APPEAL_ANSWERED),
    ),
)
"""The kinds as the page of switches shows them, with a heading and a word about each group.

All but two: the welcome is over before anybody looks, and what needs an operator is told to operators only.
"""
