"""The process that parses one file: `python -m objects.importing.worker KIND LIMITS < file > result.json`."""

import json
import sys
from typing import BinaryIO

from objects.importing import limits, sandbox
from objects.importing.result import Unreadable


def read(kind: str, stream: BinaryIO) -> tuple[str, list[str]]:
    """Return the Markdown of the file and what was left out; raise Unreadable."""
    markdown, left_out = _read(kind, stream)
    if len(markdown) > limits.TEXT_CHARACTERS:
        raise Unreadable("size", "This file holds more text than one document can. Split it by chapters.")
    return markdown, left_out


def _read(kind: str, stream: BinaryIO) -> tuple[str, list[str]]:
    if kind == "docx":
        from objects.importing import docx  # imported only when needed: each parser costs start-up time

        return docx.to_markdown(stream)
    if kind == "pdf":
        from objects.importing import pdf  # as above

        return pdf.to_markdown(stream)
    from objects.importing import plain  # as above

    return plain.decode(stream.read()), []


def main(arguments: list[str]) -> int:
    """Confine this process, read standard input, write one JSON object to standard output."""
    kind, memory, cpu_seconds, output_bytes = arguments[0], *map(int, arguments[1:4])
    sandbox.confine(memory=memory, cpu_seconds=cpu_seconds, output_bytes=output_bytes)
    try:
        markdown, left_out = read(kind, sys.stdin.buffer)
        answer: dict[str, object] = {"markdown": markdown, "left_out": left_out}
    except Unreadable as refusal:
        answer = {"code": refusal.code, "message": refusal.message}
    except (MemoryError, RecursionError):
        answer = {"code": "slow", "message": "This file takes too much memory to read. Save it again as TXT."}
    sys.stdout.write(json.dumps(answer))
    sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
