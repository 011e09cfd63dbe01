"""Compares plain objects with the typed classes of the official SDK: keys and types of its pinned version."""

import ast
import functools
import importlib
import inspect
import types
import typing
from decimal import Decimal
from typing import Any

import typing_extensions
from stripe import ListObject, SearchResultObject, StripeObject
from stripe._object_classes import get_object_class
from stripe._stripe_object import UntypedStripeObject

_LITERALS = (typing.Literal, typing_extensions.Literal)


def assert_shape(obj: dict[str, Any]) -> None:
    """Fail, naming each place, unless `obj` is what the SDK's class for its `object` says."""
    found = problems(obj)
    assert not found, f"{obj.get('object')} {obj.get('id')}:\n" + "\n".join(found)


def problems(obj: dict[str, Any]) -> list[str]:
    """Return what is missing, unknown or of the wrong type in `obj`, and in everything within it."""
    if obj.get("object") == "list":
        return [problem for entry in obj["data"] for problem in problems(entry)]
    cls = get_object_class("V1", obj["object"])
    return (
        _of_class(cls, obj, obj["object"])
        if cls is not StripeObject
        else [f"{obj['object']}: unknown object"]
    )


def _of_class(cls: type, value: Any, path: str) -> list[str]:
    if not isinstance(value, dict):
        return [f"{path}: {value!r} is no {cls.__qualname__}"]
    if value.get("deleted"):
        wanted = {"id", "object", "deleted"}
        return [f"{path}.{name}: unknown on what is deleted" for name in value if name not in wanted]
    if cls in (StripeObject, UntypedStripeObject):
        return []
    if value.get("deleted") is True:  # of what is gone only this much is left, wherever it is shown
        return [f"{path}.{name}: unknown key" for name in value if name not in ("id", "object", "deleted")]
    hints = _hints(cls)
    found = [f"{path}.{name}: unknown key" for name in value if name not in hints]
    for name, hint in hints.items():
        if name in value:
            found += _of_hint(hint, value[name], f"{path}.{name}")
        elif not _optional(hint):
            found.append(f"{path}.{name}: missing")
    return found


def _of_hint(hint: Any, value: Any, path: str) -> list[str]:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if hint is Any or isinstance(hint, typing.TypeVar):
        return []
    if hint is type(None):
        return [] if value is None else [f"{path}: {value!r} is not null"]
    if origin in (typing.Union, types.UnionType):
        return _of_union(arguments, value, path)
    if origin in _LITERALS:
        return (
            [] if value in arguments else [f"{path}: {value!r} is none of {', '.join(map(str, arguments))}"]
        )
    if origin is list:
        if not isinstance(value, list):
            return [f"{path}: {value!r} is no list"]
        return [p for i, entry in enumerate(value) for p in _of_hint(arguments[0], entry, f"{path}[{i}]")]
    if origin is dict:
        return [] if isinstance(value, dict) else [f"{path}: {value!r} is no object"]
    if origin in (ListObject, SearchResultObject):
        return _of_list(arguments[0], value, path)
    if origin is UntypedStripeObject:
        return [] if isinstance(value, dict) else [f"{path}: {value!r} is no object"]
    if isinstance(hint, type) and issubclass(hint, StripeObject):
        return _of_class(hint, value, path)
    return _of_scalar(hint, value, path)


def _of_union(arguments: tuple[Any, ...], value: Any, path: str) -> list[str]:
    if value is None:
        return [] if type(None) in arguments else [f"{path}: may not be null"]
    choices = [argument for argument in arguments if argument is not type(None)]
    # The SDK leaves its enumerations open for later versions: the sandbox has no business outside of them.
    # And where an object stands, the class is meant, not the id that may stand for it.
    if any(map(_literal, choices)) or (isinstance(value, dict) and len(choices) > 1):
        choices = [choice for choice in choices if choice is not str]
    return min((_of_hint(choice, value, path) for choice in choices), key=len)


def _of_list(hint: Any, value: Any, path: str) -> list[str]:
    if not isinstance(value, dict) or not {"object", "data", "has_more", "url"} <= set(value):
        return [f"{path}: {value!r} is no list object"]
    return [p for i, entry in enumerate(value["data"]) for p in _of_hint(hint, entry, f"{path}.data[{i}]")]


def _of_scalar(hint: Any, value: Any, path: str) -> list[str]:
    if hint is Decimal:  # sent as text, so that no digit is lost
        fits = isinstance(value, str) and Decimal(value).is_finite()
    elif hint is float:
        fits = isinstance(value, int | float) and not isinstance(value, bool)
    else:
        fits = isinstance(value, hint) and (hint is bool or not isinstance(value, bool))
    return [] if fits else [f"{path}: {value!r} is no {hint.__name__}"]


def _literal(hint: Any) -> bool:
    return typing.get_origin(hint) in _LITERALS


def _optional(hint: Any) -> bool:
    return type(None) in typing.get_args(hint) and typing.get_origin(hint) is typing.Union


@functools.cache
def _hints(cls: type) -> dict[str, Any]:
    annotations = {n: a for n, a in inspect.get_annotations(cls).items() if not n.startswith("_")}
    bare = type(cls.__name__, (), {"__annotations__": annotations, "__module__": cls.__module__})
    hints = typing.get_type_hints(bare, _names(cls.__module__), dict(vars(cls)))
    return {
        getattr(cls, "_field_remappings", {}).get(n, n): h for n, h in hints.items() if not _class_variable(h)
    }


def _class_variable(hint: Any) -> bool:
    return typing.get_origin(hint) is typing.ClassVar


@functools.cache
def _names(module: str) -> dict[str, Any]:
    """Return what a module of the SDK can name, its imports for type checkers included."""
    loaded = importlib.import_module(module)
    names = dict(vars(loaded))
    for node in ast.walk(ast.parse(inspect.getsource(loaded))):
        if isinstance(node, ast.ImportFrom) and node.module and ".params" not in node.module:
            source = importlib.import_module(node.module)
            names.update(
                {alias.asname or alias.name: getattr(source, alias.name, Any) for alias in node.names}
            )
    return names
