"""Reads the parameters of a request, as strings or as values, and refuses what the sandbox does not know."""

from collections.abc import Mapping
from typing import Any

from billing.sandbox.errors import InvalidError
from billing.sandbox.store import Object

Params = Mapping[str, Any]


def only(params: Params, *known: str) -> None:
    """Refuse a request that holds any other parameter: better a loud refusal than a silent difference."""
    for name in params:
        if name not in known and name != "expand":
            raise InvalidError(f"Received unknown parameter: {name}", code="parameter_unknown", param=name)


def required(params: Params, name: str) -> str:
    """Return a text that must be there."""
    value = params.get(name)
    if value in (None, ""):
        raise InvalidError(f"Missing required param: {name}.", code="parameter_missing", param=name)
    return str(value)


def text(params: Params, name: str) -> str | None:
    """Return a text, or None when it is absent or empty."""
    value = params.get(name)
    return None if value in (None, "") else str(value)


def integer(params: Params, name: str) -> int | None:
    """Return an integer, or None when it is absent or empty."""
    value = params.get(name)
    if value in (None, ""):
        return None
    try:
        return int(value)
    except (TypeError, ValueError):
        raise InvalidError(
            f"Invalid integer: {value}", code="parameter_invalid_integer", param=name
        ) from None


def moment(params: Params, name: str, *, now: int) -> int | None:
    """Return a time in seconds; the word `now` is the time at which the customer lives."""
    return now if params.get(name) == "now" else integer(params, name)


def boolean(params: Params, name: str) -> bool | None:
    """Return a boolean, or None when it is absent."""
    value = params.get(name)
    if value is None or isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return bool(value == "true")
    raise InvalidError(f"Invalid boolean: {value}", param=name)


def choice(params: Params, name: str, *choices: str) -> str:
    """Return one of the choices; the first when it is absent."""
    value = text(params, name) or choices[0]
    if value not in choices:
        names = ", ".join(choices)
        raise InvalidError(f"Invalid {name}: must be one of {names}", param=name)
    return value


def mapping(params: Params, name: str) -> Object:
    """Return a nested object; empty when it is absent or unset."""
    value = params.get(name)
    if value in (None, ""):
        return {}
    if not isinstance(value, Mapping):
        raise InvalidError("Invalid object", param=name)
    return dict(value)


def entries(params: Params, name: str) -> list[Object]:
    """Return a list of nested objects, given as a list or as an object with the keys 0, 1, 2 …"""
    value = params.get(name)
    if value in (None, ""):
        return []
    if isinstance(value, Mapping):
        value = [value[key] for key in sorted(value, key=int)]
    if not isinstance(value, list) or not all(isinstance(entry, Mapping) for entry in value):
        raise InvalidError("Invalid array", param=name)
    return [dict(entry) for entry in value]


def metadata(params: Params, before: Params | None = None) -> dict[str, str]:
    """Return the metadata after a request: new keys added, empty ones taken away; all of it by `""`."""
    if params.get("metadata") == "":
        return {}
    merged = {**(before or {}), **mapping(params, "metadata")}
    return {key: str(value) for key, value in merged.items() if value not in (None, "")}
