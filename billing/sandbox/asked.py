"""What a parameter may say: each rule once, for values as the wire has them (texts) and as code has them."""

from collections.abc import Iterable, Mapping
from typing import Any

from billing.sandbox.errors import ParameterError
from billing.sandbox.store import Object

Params = Mapping[str, Any]

MOST_METADATA, LONGEST_KEY, LONGEST_VALUE = 50, 40, 500
"""Stripe's own bounds of an object's metadata."""


def only(params: Params, *known: str) -> None:
    """Refuse a request that holds any other parameter: better a loud refusal than a silent difference."""
    for name in params:
        if name not in known and name != "expand":
            raise unknown([name])


def unknown(names: list[str]) -> ParameterError:
    """Return the refusal of parameters that the sandbox does not know: it would not do what they say."""
    noun = "parameter" if len(names) == 1 else "parameters"
    message = f"Received unknown {noun}: {', '.join(names)}"
    return ParameterError(message, code="parameter_unknown", param=names[0])


def missing(path: str) -> ParameterError:
    """Return the refusal of a request that lacks a parameter."""
    return ParameterError(f"Missing required param: {path}.", code="parameter_missing", param=path)


def text(params: Params, name: str, *, path: str = "") -> str | None:
    """Return a text, or None when it is absent or empty. `path`: its full name, where it is nested."""
    value = params.get(name)
    if isinstance(value, Mapping | list):
        raise ParameterError(f"Invalid string: {value}", param=path or name)
    return None if value in (None, "") else str(value)


def required(params: Params, name: str, *, path: str = "") -> str:
    """Return a text that must be there."""
    value = text(params, name, path=path)
    if value is None:
        raise missing(path or name)
    return value


def integer(params: Params, name: str, *, path: str = "") -> int | None:
    """Return an integer, or None when it is absent or empty."""
    value = text(params, name, path=path)
    try:
        return None if value is None else int(value)
    except ValueError:
        message, code = f"Invalid integer: {value}", "parameter_invalid_integer"
        raise ParameterError(message, code=code, param=path or name) from None


def moment(params: Params, name: str, *, now: int) -> int | None:
    """Return a time in seconds; the word `now` is the time at which the customer lives."""
    return now if params.get(name) == "now" else integer(params, name)


def boolean(params: Params, name: str, *, path: str = "") -> bool | None:
    """Return a boolean, or None when it is absent or empty."""
    value = text(params, name, path=path)
    if value is None:
        return None
    if value not in ("true", "false", "True", "False"):
        raise ParameterError(f"Invalid boolean: {value}", param=path or name)
    return value.lower() == "true"


def choice(params: Params, name: str, *choices: str) -> str:
    """Return one of the choices; the first when it is absent."""
    value = text(params, name) or choices[0]
    check_choice(value, choices, name)
    return value


def check_choice(value: str, choices: Iterable[str], path: str) -> None:
    """Refuse a value that is none of the choices."""
    known = tuple(choices)
    if value not in known:
        raise ParameterError(f"Invalid {path}: must be one of {', '.join(known)}", param=path)


def mapping(params: Params, name: str, *, path: str = "") -> Object:
    """Return a nested object; empty when it is absent or unset."""
    value = params.get(name)
    if value in (None, ""):
        return {}
    if not isinstance(value, Mapping):
        raise ParameterError("Invalid object", param=path or name)
    return dict(value)


def entries(params: Params, name: str, *, path: str = "") -> list[Object]:
    """Return a list of nested objects, given as a list or as an object with the keys 0, 1, 2 …"""
    value = params.get(name)
    if value in (None, ""):
        return []
    if isinstance(value, Mapping) and all(str(key).isdigit() for key in value):
        value = [value[key] for key in sorted(value, key=int)]
    if not isinstance(value, list) or not all(isinstance(entry, Mapping) for entry in value):
        raise ParameterError("Invalid array", param=path or name)
    return [dict(entry) for entry in value]


def metadata(params: Params, before: Params | None = None, *, path: str = "metadata") -> dict[str, str]:
    """Return the metadata after a request: new keys added, empty ones taken away; all of it by `""`."""
    if params.get("metadata") == "":
        return {}
    given = mapping(params, "metadata", path=path)
    if not all(isinstance(value, str | int) for value in given.values()):
        raise ParameterError("Invalid object", param=path)
    merged = {**(before or {}), **given}
    kept = {key: str(value) for key, value in merged.items() if value not in (None, "")}
    if len(kept) > MOST_METADATA:
        raise ParameterError(f"Metadata can have up to {MOST_METADATA} keys.", param=path)
    for key, value in kept.items():
        if len(key) > LONGEST_KEY or len(value) > LONGEST_VALUE:
            message = (
                f"Metadata keys have up to {LONGEST_KEY} characters, their values up to {LONGEST_VALUE}."
            )
            raise ParameterError(message, param=f"{path}[{key[:LONGEST_KEY]}]")
    return kept
