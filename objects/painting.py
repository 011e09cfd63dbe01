"""Draws passages into a rendered text: each becomes a link, and neither words nor structure change."""

import html
import re
from bisect import bisect_right
from collections.abc import Callable, Sequence

from objects.alignment import align
from objects.effort import Effort
from objects.provenance import Passage

_PIECE = re.compile(r"""(<(?:"[^"]*"|'[^']*'|[^"'>])*>)""")
_WORD = re.compile(r"\w+")
_LINK = re.compile(r"<a[\s>]")
_STEPS = 2_000_000
"""What aligning looks at, at most; words beyond it belong to nobody."""


def paint(rendered: str, body: str, passages: Sequence[Passage], link: Callable[[Passage], str]) -> str:
    """Return `rendered` with the words of each passage of `body` inside `link(passage)` … `</a>`.

    `rendered` is sanitised HTML of `body`; `link` returns the opening tag. The words that the reader sees are
    aligned with those of the source, so that no Markdown is disturbed; inside a link of the text nothing is
    drawn, because links do not nest.
    """
    pieces = _PIECE.split(rendered)
    shown = [_words(html.unescape(piece)) for piece in pieces[::2]]
    owners = iter(_owners([word for words in shown for word, _, _ in words], body, passages))
    by_number = {passage.number: passage for passage in passages}
    out: list[str] = []
    is_link = False
    for place, piece in enumerate(pieces):
        if place % 2:
            is_link = bool(_LINK.match(piece)) or (is_link and piece != "</a>")
            out.append(piece)
            continue
        words = [(start, end, next(owners)) for _, start, end in shown[place // 2]]
        out.append(piece if is_link else _wrapped(html.unescape(piece), words, by_number, link))
    return "".join(out)


def _words(text: str) -> list[tuple[str, int, int]]:
    return [(found[0], *found.span()) for found in _WORD.finditer(text)]


def _owners(shown: list[str], body: str, passages: Sequence[Passage]) -> list[int]:
    """Return the passage of each word shown; 0 for what the source does not have."""
    source = _words(body)
    starts = [passage.start for passage in passages]
    owners = [0] * len(shown)
    for same, i1, i2, j1, _ in align(shown, [word for word, _, _ in source], Effort(_STEPS)):
        for offset in range(i2 - i1) if same else ():
            index = bisect_right(starts, source[j1 + offset][1]) - 1
            owners[i1 + offset] = passages[index].number if index >= 0 else 0
    return owners


def _wrapped(
    text: str,
    words: Sequence[tuple[int, int, int]],
    passages: dict[int, Passage],
    link: Callable[[Passage], str],
) -> str:
    """Wrap runs of words of one passage, with what stands between and right behind them."""
    runs: list[list[int]] = []
    for start, end, owner in words:
        if runs and runs[-1][2] == owner:
            runs[-1][1] = end
        else:
            runs.append([start, end, owner])
    out, at = [], 0
    for place, (start, end, owner) in enumerate(runs):
        following = runs[place + 1][0] if place + 1 < len(runs) else len(text)
        gap = text[end:following]
        end += len(gap.split(maxsplit=1)[0]) if gap and not gap[0].isspace() else 0
        out.append(_escape(text[at:start]))
        inside = _escape(text[start:end])
        out.append(f"{link(passages[owner])}{inside}</a>" if owner else inside)
        at = end
    return "".join([*out, _escape(text[at:])])


def _escape(text: str) -> str:
    return html.escape(text, quote=False)
