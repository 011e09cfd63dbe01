"""Findings drawn into a rendered manuscript: each anchored passage becomes a `<mark>`."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

# Sentinels travel through the Markdown renderer and the sanitiser as letters of planes 15 and 16, which
# no font draws and no text uses; a manuscript that does contain one is rendered without marks.
_OPEN, _CLOSE = 0xF0000, 0x100000
_ROOM = 0xFFFD
_TOKEN = re.compile(f"(<[^>]*>|[{chr(_OPEN)}-{chr(_OPEN + _ROOM)}{chr(_CLOSE)}-{chr(_CLOSE + _ROOM)}])")
_SENTINEL = re.compile(f"[{chr(_OPEN)}-{chr(_OPEN + _ROOM)}{chr(_CLOSE)}-{chr(_CLOSE + _ROOM)}]")


@dataclass(frozen=True)
class Passage:
    """What to mark: characters `start` to `end` of the Markdown, the finding's number and its state."""

    number: int
    start: int
    end: int
    state: str


def mark_passages(markdown: str, passages: Sequence[Passage], render: Callable[[str], str]) -> str:
    """Return `render(markdown)` with every passage that can be marked in a `<mark data-finding>`.

    The words and the structure never change by marking: a passage whose sentinels would disturb the
    Markdown (they sit inside its syntax) stays unmarked.
    """
    plain = render(markdown)
    if _SENTINEL.search(markdown):
        return plain
    wanted = [p for p in passages if 0 <= p.start < p.end <= len(markdown)][:_ROOM]
    drawn = render(_with_sentinels(markdown, wanted))
    if _SENTINEL.sub("", drawn) != plain:
        wanted = [p for p in wanted if _undisturbed(markdown, p, plain, render)]
        drawn = render(_with_sentinels(markdown, wanted))
        if _SENTINEL.sub("", drawn) != plain:
            return plain
    return _draw(drawn, wanted)


def _undisturbed(markdown: str, passage: Passage, plain: str, render: Callable[[str], str]) -> bool:
    return _SENTINEL.sub("", render(_with_sentinels(markdown, [passage]))) == plain


def _with_sentinels(markdown: str, passages: Sequence[Passage]) -> str:
    cuts: list[tuple[int, int, str]] = []
    for index, passage in enumerate(passages):
        cuts.append((passage.start, 1, chr(_OPEN + index)))
        cuts.append((passage.end, 0, chr(_CLOSE + index)))
    pieces, at = [], 0
    for position, _, sentinel in sorted(cuts):
        pieces += [markdown[at:position], sentinel]
        at = position
    return "".join([*pieces, markdown[at:]])


def _draw(html: str, passages: Sequence[Passage]) -> str:
    """Wrap the text between sentinels, piece by piece, so that a mark never crosses a tag."""
    open_now: list[int] = []
    last_piece: dict[int, int] = {}
    out: list[str] = []
    for piece in _TOKEN.split(html):
        if not piece:
            continue
        if piece.startswith("<"):
            out.append(piece)
        elif ord(piece[0]) >= _CLOSE:
            index = ord(piece) - _CLOSE
            if index in open_now:
                open_now.remove(index)
                if index in last_piece:
                    place = last_piece[index]
                    out[place] = out[place].removesuffix("</mark>") + _number(passages[index]) + "</mark>"
        elif ord(piece[0]) >= _OPEN:
            open_now.append(ord(piece) - _OPEN)
        elif open_now and piece.strip():
            index = open_now[-1]
            last_piece.update(dict.fromkeys(open_now, len(out)))
            out.append(_mark(passages[index], piece))
        else:
            out.append(piece)
    return "".join(out)


def _mark(passage: Passage, text: str) -> str:
    state = escape(passage.state, quote=True)
    return f'<mark class="finding" data-finding="{passage.number}" data-state="{state}">{text}</mark>'


def _number(passage: Passage) -> str:
    return (
        f'<a class="finding__no" href="#finding-{passage.number}"'
        f' aria-label="Finding {passage.number}">{passage.number}</a>'
    )
