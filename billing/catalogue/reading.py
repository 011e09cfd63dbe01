"""Typed reading of a table that people write: what is asked for by name is checked, the rest refused."""

import re
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from config.common.errors import Invalid

_CODE = re.compile(r"[a-z0-9]+(?:[-._][a-z0-9]+)*")
_ABSENT = object()


class CatalogueError(Invalid):
    """The catalogue breaks a rule; the message begins with the path of the key."""

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(f"{path}: {problem}", details={"path": path})
        self.path = path


class Table:
    """One table of a catalogue at `path`: hands out its values by type, then refuses what is left over."""

    def __init__(self, value: Any, path: str = "") -> None:
        self.path = path
        if not isinstance(value, dict):
            raise CatalogueError(path or "catalogue", "must be a table")
        self._values = dict(value)

    def at(self, key: str) -> str:
        """Return the path of `key`."""
        return f"{self.path}.{key}" if self.path else key

    def peek(self, key: str) -> Any:
        """Return the raw value of `key` without reading it; None where there is none."""
        return self._values.get(key)

    def has(self, key: str) -> bool:
        """Tell whether `key` is there and has not been read."""
        return key in self._values

    def take(self, key: str, default: Any = _ABSENT) -> Any:
        """Return the raw value of `key` and mark it read."""
        if key not in self._values:
            if default is _ABSENT:
                raise CatalogueError(self.at(key), "is missing")
            return default
        return self._values.pop(key)

    def text(self, key: str, *, most: int = 80) -> str:
        """Return a text of 1 to `most` characters on one line."""
        value = self.take(key)
        if not isinstance(value, str) or not value.strip() or len(value) > most or not value.isprintable():
            raise CatalogueError(self.at(key), f"must be a line of 1 to {most} characters")
        return value

    def code(self, key: str, default: Any = _ABSENT) -> str:
        """Return a name for programs: small letters, digits, and single - . _ between them."""
        return as_code(self.take(key, default), self.at(key))

    def integer(self, key: str, *, least: int, most: int = 10**12, default: Any = _ABSENT) -> int:
        """Return a whole number between `least` and `most`."""
        value = self.take(key, default)
        if type(value) is not int or not least <= value <= most:
            raise CatalogueError(self.at(key), f"must be a whole number from {least} to {most}")
        return value

    def number(self, key: str, *, positive: bool = False, most: int = 10_000, places: int = 6) -> Decimal:
        """Return an exact finite number from 0 (above 0 where `positive`) to `most`, of at most `places`."""
        value = self.take(key)
        number = Decimal(value) if type(value) is int else value
        if not isinstance(number, Decimal) or not number.is_finite():
            raise CatalogueError(self.at(key), "must be a finite number")
        if not 0 <= number <= most or (positive and number == 0):
            raise CatalogueError(
                self.at(key), f"must be {'above' if positive else 'from'} 0 and at most {most}"
            )
        if number != round(number, places):
            raise CatalogueError(self.at(key), f"has more than {places} decimal places")
        return number

    def boolean(self, key: str) -> bool:
        """Return true or false."""
        value = self.take(key)
        if type(value) is not bool:
            raise CatalogueError(self.at(key), "must be true or false")
        return value

    def day(self, key: str) -> date:
        """Return a date."""
        value = self.take(key)
        if not isinstance(value, date) or isinstance(value, datetime):
            raise CatalogueError(self.at(key), "must be a date, such as 2025-12-01")
        return value

    def one_of(self, key: str, allowed: Iterable[str], default: Any = _ABSENT) -> str:
        """Return a text that is one of `allowed`."""
        value = self.take(key, default)
        words = tuple(allowed)
        if not isinstance(value, str) or value not in words:
            raise CatalogueError(self.at(key), f"must be one of {', '.join(words)}")
        return value

    def codes(self, key: str, default: Any = _ABSENT) -> tuple[str, ...]:
        """Return a list of distinct names."""
        values = self.take(key, default)
        if not isinstance(values, list | tuple):
            raise CatalogueError(self.at(key), "must be a list")
        names = tuple(as_code(value, f"{self.at(key)}[{place}]") for place, value in enumerate(values))
        refuse_duplicates(names, self.at(key))
        return names

    def table(self, key: str) -> "Table":
        """Return the table under `key`."""
        return Table(self.take(key), self.at(key))

    def tables(self, key: str, *, named_by: str, default: Any = _ABSENT) -> list["Table"]:
        """Return the list of tables under `key`, each with its `named_by` value in its path."""
        values = self.take(key, default)
        if not isinstance(values, list | tuple):
            raise CatalogueError(self.at(key), "must be a list of tables")
        found = []
        for place, value in enumerate(values):
            name = value.get(named_by) if isinstance(value, dict) else None
            known = isinstance(name, str) and _CODE.fullmatch(name)
            found.append(Table(value, f"{self.at(key)}.{name}" if known else f"{self.at(key)}[{place}]"))
        refuse_duplicates((table.path for table in found), "")
        return found

    def done(self) -> None:
        """Refuse the keys that nobody asked for."""
        for key in self._values:
            raise CatalogueError(self.at(key), "is not known here")


def as_code(value: Any, path: str) -> str:
    """Return `value` where it is a name for programs, at most 64 characters long."""
    if not isinstance(value, str) or len(value) > 64 or not _CODE.fullmatch(value):
        raise CatalogueError(path, "must be a name of small letters, digits, - . and _")
    return value


def refuse_duplicates(names: Iterable[str], path: str) -> None:
    """Refuse a name that comes twice."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise CatalogueError(f"{path}.{name}" if path else name, "is there twice")
        seen.add(name)
