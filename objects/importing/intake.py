"""The door for uploads: counted, told apart, checked, and parsed in a confined process."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, Protocol

from config.common.errors import DomainError, Invalid, TooLarge, UnsupportedMedia
from objects import text
from objects.importing import archive, limits, names, sniff
from objects.importing.limits import BUDGET, Budget
from objects.importing.result import Extracted, Unreadable

_ROOT = Path(__file__).resolve().parents[2]
_CHUNK = 64 * 1024
_IN_MEMORY = 1 * limits.MB


class Readable(Protocol):
    """Anything with bytes to read: an uploaded file, an open file, a socket's body."""

    def read(self, size: int = ..., /) -> bytes:
        """Return at most `size` bytes; none at the end."""


def extract(*, name: str, stream: Readable, max_bytes: int, budget: Budget = BUDGET) -> Extracted:
    """Return the text of an uploaded TXT, MD, DOCX or PDF as Markdown.

    The stream is counted while it is read, whatever size it claims. Raises TooLarge, UnsupportedMedia
    or Invalid, each saying what to do; `details["reason"]` is the code of `Unreadable`.
    """
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as copy:
        _copy(stream, copy, max_bytes)
        try:
            kind = sniff.detect(name, copy)  # type: ignore[arg-type]
            if kind == "docx":
                archive.check_docx(copy)  # type: ignore[arg-type]
            markdown, left_out = _parse(kind, copy, budget)
        except Unreadable as refusal:
            raise _refusal(refusal) from refusal
    markdown = text.normalise(markdown).strip()
    if not markdown:
        raise _refusal(Unreadable("empty", "There is no text in this file."))
    title = text.title_of(markdown) or names.title_from(name)
    return Extracted(
        title=title[:200],
        markdown=markdown,
        words=text.word_count(markdown),
        left_out=tuple(left_out),
    )


def _copy(stream: Readable, copy: IO[bytes], max_bytes: int) -> None:
    """Copy the stream, stopping at the first byte too many."""
    size = 0
    while chunk := stream.read(_CHUNK):
        size += len(chunk)
        if size > max_bytes:
            limit = f"{max_bytes / limits.MB:.0f} MB" if max_bytes >= limits.MB else f"{max_bytes} bytes"
            raise TooLarge(f"This file is larger than {limit}.", details={"limit": max_bytes})
        copy.write(chunk)


def _parse(kind: str, copy: tempfile.SpooledTemporaryFile[bytes], budget: Budget) -> tuple[str, list[str]]:
    """Run the worker on the file; return Markdown and what was left out, or raise Unreadable."""
    copy.rollover()
    copy.seek(0)
    command = [sys.executable, "-m", "objects.importing.worker", kind]
    command += [str(limit) for limit in (budget.memory, budget.cpu_seconds, budget.output_bytes)]
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(  # noqa: S603 - our own module, arguments from our own constants
            command,
            stdin=copy.fileno(),
            stdout=output,
            stderr=subprocess.DEVNULL,
            cwd=_ROOT,
            env={"LC_ALL": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1", "PATH": os.defpath},
            start_new_session=True,
        )
        try:
            process.wait(budget.wall_seconds)
        except subprocess.TimeoutExpired:
            raise Unreadable("slow", _SLOW) from None
        finally:
            _end(process)
        output.seek(0)
        return _answer(process.returncode, output)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Leave no process behind, whatever happened."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


_SLOW = "This file takes too long to read. Save it again as DOCX or TXT, or split it, and upload that."
_BROKEN = "This file is damaged and cannot be read. Save it again and upload that."


def _answer(code: int, output: IO[bytes]) -> tuple[str, list[str]]:
    """Return the worker's answer, or raise what it, or its end, says."""
    if code in (-signal.SIGXCPU, -signal.SIGKILL):
        raise Unreadable("slow", _SLOW)
    try:
        answer = json.load(output)
    except ValueError:
        raise Unreadable("broken", _BROKEN) from None
    if "code" in answer:
        raise Unreadable(answer["code"], answer["message"])
    return answer["markdown"], answer["left_out"]


_REFUSALS: dict[str, Callable[..., DomainError]] = {"kind": UnsupportedMedia, "size": TooLarge}


def _refusal(unreadable: Unreadable) -> DomainError:
    """Return the refusal that pages and API show."""
    kind = _REFUSALS.get(unreadable.code, Invalid)
    return kind(
        unreadable.message, details={"reason": unreadable.code, "fields": {"file": [unreadable.message]}}
    )
