"""File names as people see them: never a path, never a surprise."""

import re
import unicodedata

_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_EXTENSION = re.compile(r"\.([A-Za-z0-9]{1,10})$")


def safe_name(name: str) -> str:
    """Return the last part of a client's file name without control or direction characters, at most 120 long.

    For display only: nothing is ever stored under it.
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name.encode("utf-8", "ignore").decode("utf-8")))[
        -1
    ]
    shown = "".join(" " if unicodedata.category(c) in _HIDDEN else c for c in last)
    return " ".join(shown.split()).strip(". ")[-120:]


def extension(name: str) -> str:
    """Return the extension in lower case without its dot; empty when there is none."""
    found = _EXTENSION.search(safe_name(name))
    return found.group(1).lower() if found else ""


def title_from(name: str) -> str:
    """Return a title made of the file name: without extension, underscores as spaces."""
    stem = _EXTENSION.sub("", safe_name(name))
    return " ".join(re.sub(r"[_\s]+", " ", stem).split()) or "Untitled"
