"""How much of each limit a user has used; the apps that own the things say how to count them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from billing.amounts import count, size
from billing.entitlements import limits_for
from billing.limits import LIMITS, Kind, LimitWords
from config.common.clock import now
from credits.periods import Period

Reader = Callable[[User], int]

_readers: dict[str, Reader] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One limit of a user: `used` is None where nothing is counted, `allowed` None where it is unlimited."""

    limit: str
    words: LimitWords
    used: int | None
    allowed: int | None
    resets_at: datetime | None

    @property
    def left(self) -> int | None:
        """How much may still be used; None where that is unlimited or not counted."""
        return None if self.used is None or self.allowed is None else max(0, self.allowed - self.used)

    @property
    def is_over(self) -> bool:
        """Whether there is more than the plan carries, as after a change to a smaller one."""
        return self.used is not None and self.allowed is not None and self.used > self.allowed

    @property
    def tone(self) -> str:
        """The bar's tone: a warning from four fifths on."""
        if self.used is None or not self.allowed:
            return ""
        return "bad" if self.is_over else "warn" if self.used * 5 >= self.allowed * 4 else ""

    @property
    def note(self) -> str:
        """What it means that there is more than the plan carries; empty where there is not."""
        if not self.is_over:
            return ""
        if self.resets_at is not None:
            return "More than the plan carries in a month: the next one waits for the count to start again."
        return "More than the plan carries: it stays readable, and nothing can be added."

    @property
    def in_words(self) -> str:
        """The use and the limit: 3 of 5, 640 MB of 1 GB."""
        write = size if self.words.in_bytes else count
        used = write(self.used or 0)
        return f"{used}, no limit" if self.allowed is None else f"{used} of {write(self.allowed)}"


def register(limit: str, reader: Reader) -> None:
    """Let `reader` tell how much of `limit` a user has used. Called once for each limit, in an app's `ready`.

    For a monthly limit the reader counts within `month_of(user)`. KeyError for no such limit, ValueError for
    a second reader.
    """
    if limit not in LIMITS:
        raise KeyError(limit)
    if _readers.setdefault(limit, reader) is not reader:
        raise ValueError(f"{limit} is counted already")


def counted() -> list[str]:
    """Return the limits whose use somebody counts, in the order of all limits."""
    return [limit for limit in LIMITS if limit in _readers]


def used(user: User, limit: str) -> int:
    """Return how much of `limit` a user has used. KeyError where nobody counts it."""
    return _readers[limit](user)


def month_of(user: User) -> Period:
    """Return the month in which the monthly limits of `user` are counted now: the month of their credits."""
    return user.wallet.period(at=now())


def standings(user: User) -> list[Standing]:
    """Return every limit of `user`, with its use where somebody counts it."""
    limits, month_end = limits_for(user), month_of(user).end
    return [
        Standing(
            limit=limit,
            words=words,
            used=_readers[limit](user) if limit in _readers else None,
            allowed=limits.of(limit),
            resets_at=month_end if words.kind is Kind.MONTHLY else None,
        )
        for limit, words in LIMITS.items()
    ]
