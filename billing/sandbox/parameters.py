"""Stripe's form encoding: `items[0][price]=…` becomes nested values, read by name and type."""

from collections.abc import Iterable
from typing import Any

from billing.sandbox import asked
from billing.sandbox.errors import ParameterError

Value = str | dict[str, Any] | list[Any]


def parse(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Return the nested values of `pairs`: maps, and lists where the keys are numbers or nothing at all."""
    root: dict[str, Any] = {}
    for name, value in pairs:
        keys = _keys(name)
        place = root
        for key in keys[:-1]:
            inner = place.setdefault(key, {})
            if not isinstance(inner, dict):
                raise ParameterError(f"Invalid {name}: it is given twice, in different ways.", param=name)
            place = inner
        last = keys[-1] if keys[-1] or len(keys) == 1 else str(len(place))
        place[last] = value
    return {key: _settled(value) for key, value in root.items()}


def _keys(name: str) -> list[str]:
    head, *rest = name.replace("]", "").split("[")
    return [head, *rest]


def _settled(value: Any) -> Any:
    """Return a map whose keys are the numbers from 0 on as a list."""
    if not isinstance(value, dict):
        return value
    inner = {key: _settled(entry) for key, entry in value.items()}
    if inner and all(key.isdigit() for key in inner):
        return [inner[key] for key in sorted(inner, key=int)]
    return inner


class Params:
    """The parameters of a request: each is asked for by name; what nobody asks for is refused at the end.

    An empty text means "unset": readers return None for it, and `given` is true.
    """

    def __init__(self, values: dict[str, Any] | None = None, path: str = "") -> None:
        self._values = values or {}
        self._path = path
        self._asked: set[str] = set()
        self._children: dict[str, Params] = {}

    def given(self, name: str) -> bool:
        """Say whether the request has a parameter `name`, be it empty."""
        self._asked.add(name)
        return name in self._values

    def __bool__(self) -> bool:
        return bool(self._values)

    def names(self) -> list[str]:
        """Return the names of all parameters."""
        return list(self._values)

    def everything(self) -> dict[str, Any]:
        """Return all nested plain values, for somebody who refuses what they do not know themselves."""
        self._asked.update(self._values)
        return self._values

    def path(self, name: str) -> str:
        """Return the full name of a parameter, as errors give it."""
        return f"{self._path}[{name}]" if self._path else name

    def raw(self, name: str) -> Any:
        """Return the nested plain values of `name`; None when it is empty or missing."""
        self._asked.add(name)
        value = self._values.get(name)
        return None if value == "" else value

    def text(self, name: str, default: str | None = None) -> str | None:
        """Return a text; None for an empty one."""
        return asked.text(self._values, name, path=self.path(name)) if self.given(name) else default

    def required(self, name: str) -> str:
        """Return a text that may not be missing."""
        self.given(name)
        return asked.required(self._values, name, path=self.path(name))

    def missing(self, name: str) -> ParameterError:
        """Return the error for a parameter that should be there."""
        return asked.missing(self.path(name))

    def integer(
        self, name: str, default: int | None = None, *, least: int | None = None, most: int | None = None
    ) -> int | None:
        """Return a whole number within bounds."""
        if not self.given(name):
            return default
        number = asked.integer(self._values, name, path=self.path(name))
        if number is None:
            return None
        if (least is not None and number < least) or (most is not None and number > most):
            within = (
                f"between {least} and {most}" if most is not None else f"greater than or equal to {least}"
            )
            message, code = f"This value must be {within}.", "parameter_invalid_integer"
            raise ParameterError(message, code=code, param=self.path(name))
        return number

    def number(self, name: str) -> float | None:
        """Return a decimal number."""
        text = self.text(name)
        try:
            return None if text is None else float(text)
        except ValueError:
            raise ParameterError(f"Invalid decimal: {text}", param=self.path(name)) from None

    def boolean(self, name: str, default: bool = False) -> bool:
        """Return a truth value."""
        self.given(name)
        value = asked.boolean(self._values, name, path=self.path(name))
        return default if value is None else value

    def choice(self, name: str, options: Iterable[str], default: str | None = None) -> str | None:
        """Return one of `options`."""
        text = self.text(name, default)
        if text is not None:
            asked.check_choice(text, options, self.path(name))
        return text

    def child(self, name: str) -> "Params":
        """Return the parameters within `name`; none when it is empty or missing."""
        self.given(name)
        return self._keep(self.path(name), asked.mapping(self._values, name, path=self.path(name)))

    def children(self, name: str) -> list["Params"]:
        """Return the entries of a list of maps; none when it is empty or missing."""
        self.given(name)
        entries = asked.entries(self._values, name, path=self.path(name))
        return [self._keep(f"{self.path(name)}[{i}]", entry) for i, entry in enumerate(entries)]

    def texts(self, name: str) -> list[str]:
        """Return the entries of a list of texts; none when it is empty or missing."""
        value = self.raw(name)
        entries = [] if value is None else value
        if not isinstance(entries, list) or not all(isinstance(entry, str) for entry in entries):
            raise ParameterError("Invalid array", param=self.path(name))
        return entries

    def metadata(self, old: dict[str, str] | None = None) -> dict[str, str]:
        """Return `old` with the request's metadata: an empty value takes a key away, an empty map all."""
        self.given("metadata")
        return asked.metadata(self._values, old, path=self.path("metadata"))

    def refuse_unknown(self) -> None:
        """Raise InvalidError for a parameter that nobody asked for: the sandbox would not do what it says."""
        unknown = [self.path(name) for name in self._values if name not in self._asked]
        if unknown:
            raise asked.unknown(unknown)
        for child in self._children.values():
            child.refuse_unknown()

    def _keep(self, path: str, values: dict[str, Any] | None) -> "Params":
        return self._children.setdefault(path, Params(values, path))
