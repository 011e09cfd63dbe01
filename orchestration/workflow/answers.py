"""Reads agents' answers; whatever they wrote, reading never fails.

Every provider answers in one format: the text a person may read, then blocks of JSON in tags. What the
models make of that format varies, so each part is read as far as it goes.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from orchestration.workflow.criteria import Criterion
from orchestration.workflow.evaluation import Evaluation, read_evaluation
from orchestration.workflow.terms import Severity

MOST_FINDINGS = 200
_QUOTE, _MESSAGE, _CATEGORY = 2_000, 2_000, 40
_PLAUSIBLE_SHARE = 0.4
"""An untagged answer shorter than this share of the document is a remark about it, not the document."""
_REMARKS = 600
"""Where scores in prose are looked for at the end of an untagged answer."""

_DOCUMENT = re.compile(r"<document>(.*)</document>", re.IGNORECASE | re.DOTALL)
"""Greedy: the document may itself speak of tags, its own closing tag is the last one."""
_TAIL = re.compile(r"</?(?:summary|evaluation|findings|resolutions|document)>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class WriterAnswer:
    """What the Writer returned: `document` is None where no usable text came."""

    document: str | None
    summary: str
    evaluation: Evaluation


@dataclass(frozen=True, slots=True)
class RawFinding:
    """One thing an editor wants changed, as it was written."""

    category: str
    severity: str
    message: str
    quote: str
    occurrence: int
    suggestion: str


@dataclass(frozen=True, slots=True)
class EditorAnswer:
    """What an editor returned; `readable` is False where there is no list of findings to read."""

    commentary: str
    findings: tuple[RawFinding, ...]
    readable: bool
    evaluation: Evaluation

    @property
    def usable(self) -> bool:
        """Whether there is anything in it for the Writer."""
        return bool(self.commentary or self.findings or self.readable)


@dataclass(frozen=True, slots=True)
class Resolution:
    """What the Synthesizer decided about finding number `finding`."""

    finding: int
    decision: str
    into: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class SynthesizerAnswer:
    """What the Synthesizer returned."""

    brief: str
    resolutions: tuple[Resolution, ...]
    readable: bool
    evaluation: Evaluation

    @property
    def usable(self) -> bool:
        """Whether there is anything in it for the Writer."""
        return bool(self.brief or self.readable)


def read_writer(
    text: str, *, criteria: Sequence[Criterion], original: str, truncated: bool = False
) -> WriterAnswer:
    """Read the Writer's answer to the document `original`.

    Without tags the whole answer is taken as the document where it is long enough to be one. A `truncated`
    answer gives a document only where its end was reached: half a document never replaces a whole one.
    """
    found = _DOCUMENT.search(text)
    body = found.group(1).strip() if found else _unclosed(text)
    whole = found is not None or _has_tail(text)
    after = text[found.end(1) :] if found else _from_tag(text, "summary|evaluation")
    plausible = found is not None or len(body) >= len(original) * _PLAUSIBLE_SHARE
    return WriterAnswer(
        document=body if body and plausible and (whole or not truncated) else None,
        summary=(_block(after, "summary") or "").strip()[:_MESSAGE],
        evaluation=read_evaluation(after, criteria),
    )


def read_editor(text: str, *, criteria: Sequence[Criterion]) -> EditorAnswer:
    """Read an editor's commentary, findings and evaluation."""
    block = _block(text, "findings")
    items = list(objects_in(block)) if block is not None else []
    findings = [finding for finding in map(_finding, items) if finding is not None]
    complete = block is not None and (bool(findings) or _is_empty_list(block))
    return EditorAnswer(
        commentary=_prose(text),
        findings=tuple(findings[:MOST_FINDINGS]),
        readable=complete,
        evaluation=read_evaluation(_without(text, "findings"), criteria),
    )


def read_synthesizer(text: str, *, criteria: Sequence[Criterion]) -> SynthesizerAnswer:
    """Read the Synthesizer's brief, resolutions and evaluation."""
    block = _block(text, "resolutions")
    items = list(objects_in(block)) if block is not None else []
    resolutions = [resolution for resolution in map(_resolution, items) if resolution is not None]
    return SynthesizerAnswer(
        brief=_prose(text),
        resolutions=tuple(resolutions),
        readable=block is not None,
        evaluation=read_evaluation(_without(text, "resolutions"), criteria),
    )


def objects_in(block: str) -> Iterator[dict[str, Any]]:
    """Yield each whole JSON object of a list, also from a list that is cut off or has a bad item."""
    decoder = json.JSONDecoder()
    place = block.find("{")
    while place >= 0:
        try:
            item, end = decoder.raw_decode(block, place)
        except (ValueError, RecursionError):
            place = block.find("{", place + 1)
            continue
        if isinstance(item, dict):
            yield item
        place = block.find("{", end)


def _finding(item: dict[str, Any]) -> RawFinding | None:
    message = _text(item, "message", _MESSAGE)
    if not message:
        return None
    severity = _text(item, "severity", 10).lower()
    return RawFinding(
        category=_text(item, "category", _CATEGORY).lower() or "general",
        severity=severity if severity in Severity.values else Severity.MINOR,
        message=message,
        quote=_text(item, "quote", _QUOTE),
        occurrence=_number(item.get("occurrence")) or 1,
        suggestion=_text(item, "suggestion", _QUOTE),
    )


_DECISIONS = {"accept": "accept", "accepted": "accept", "merge": "merge", "merged": "merge",
              "reject": "reject", "rejected": "reject"}  # fmt: skip


def _resolution(item: dict[str, Any]) -> Resolution | None:
    finding = _number(item.get("finding"))
    decision = _DECISIONS.get(_text(item, "decision", 10).lower())
    if finding is None or decision is None:
        return None
    return Resolution(finding, decision, _number(item.get("into")), _text(item, "reason", _MESSAGE))


def _text(item: dict[str, Any], key: str, longest: int) -> str:
    value = item.get(key)
    return value.strip().replace("\x00", "")[:longest] if isinstance(value, str) else ""


def _number(value: Any) -> int | None:
    if isinstance(value, str) and value.strip().isdecimal() and len(value) < 8:
        value = int(value)
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return value if is_number and 0 < value < 1_000_000 else None


def _block(text: str, tag: str) -> str | None:
    """Return what stands in `<tag>`; to the next tag, or the end, where it was never closed."""
    opening = re.search(f"<{tag}>", text, re.IGNORECASE)
    if opening is None:
        return None
    rest = text[opening.end() :]
    end = re.search(f"</{tag}>", rest, re.IGNORECASE) or _TAIL.search(rest)
    return rest[: end.start()] if end else rest


def _unclosed(text: str) -> str:
    """Return the document of an answer that did not close it, or did not tag it at all."""
    opening = re.search("<document>", text, re.IGNORECASE)
    return _prose(text[opening.end() :] if opening else text)


def _has_tail(text: str) -> bool:
    return re.search("<summary>|<evaluation>", text, re.IGNORECASE) is not None


def _from_tag(text: str, tags: str) -> str:
    """Return `text` from the first of `tags` on, or its last lines; the document may hold anything."""
    opening = re.search(f"<(?:{tags})>", text, re.IGNORECASE)
    return text[opening.start() :] if opening else text[-_REMARKS:]


def _without(text: str, tag: str) -> str:
    block = _block(text, tag)
    return text if block is None else text.replace(block, "", 1)


def _prose(text: str) -> str:
    """Return what precedes the first block: the part written for people."""
    first = _TAIL.search(text)
    return (text[: first.start()] if first else text).strip()


def _is_empty_list(block: str) -> bool:
    return re.sub(r"```(?:json)?|\s", "", block) in {"[]", ""}
