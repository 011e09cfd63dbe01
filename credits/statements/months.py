"""Calendar months in UTC, as statements name them."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

_NAME = re.compile(r"(?!0000)\d{4}-(0[1-9]|1[0-2])", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A calendar month, from its first moment in UTC up to, not including, the next one's."""

    year: int
    number: int

    @classmethod
    def of(cls, at: datetime) -> Self:
        """The month in which `at` falls."""
        moment = at.astimezone(UTC)
        return cls(moment.year, moment.month)

    @classmethod
    def read(cls, name: str) -> Self | None:
        """The month called `name` ("2026-11"); None for anything else."""
        if not _NAME.fullmatch(name):
            return None
        year, number = name.split("-")
        return cls(int(year), int(number))

    def __str__(self) -> str:
        return f"{self.year:04}-{self.number:02}"

    @property
    def start(self) -> datetime:
        """Its first moment."""
        return datetime(self.year, self.number, 1, tzinfo=UTC)

    @property
    def end(self) -> datetime:
        """The first moment after it."""
        return self.next.start

    @property
    def next(self) -> Self:
        """The month after it."""
        return self._moved(1)

    @property
    def previous(self) -> Self:
        """The month before it."""
        return self._moved(-1)

    def _moved(self, months: int) -> Self:
        year, index = divmod(self.year * 12 + self.number - 1 + months, 12)
        return type(self)(year, index + 1)
