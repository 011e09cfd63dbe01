"""The Synthesizer: resolves every open finding and tells the Writer what comes first."""

from dataclasses import dataclass
from typing import Any

from orchestration.providers.house import edits, lenses, wire
from orchestration.providers.house.analysis import analyse
from orchestration.providers.house.phrasing import amount, kinds, sentence, short
from orchestration.providers.house.prose import Prose
from orchestration.providers.house.request import FindingIn, HouseRequest, locate
from orchestration.providers.house.results import SEVERITY_RANK, Issue

_ALL = frozenset(lenses.LENSES)
_FACTS = frozenset({"contradiction", "date", "name", "number", "gap"})
_IN_ORDER = 8  # findings that the brief names one by one


@dataclass(frozen=True, slots=True)
class Resolution:
    """What becomes of one finding; `into` is the id of the one it is merged into."""

    finding: FindingIn
    decision: str
    reason: str
    into: str | None = None
    safe: bool = False


def answer(request: HouseRequest) -> str:
    """The whole answer of a Synthesizer's turn."""
    analysis = analyse(request.document, lenses=_ALL, known_names=request.known_names)
    resolved = resolve(request, analysis.issues)
    payload = [_entry(resolution) for resolution in resolved]
    scores = wire.evaluation(analysis, wire.criteria_of("synthesizer", request.criteria))
    return f"{_brief(resolved)}\n{wire.tagged('resolutions', payload)}\n{scores}"


def resolve(request: HouseRequest, own: tuple[Issue, ...]) -> list[Resolution]:
    """Resolve each open finding, in order of importance: serious before small, then by place."""
    prose = Prose.of(request.document)
    pending = [finding for finding in request.findings if finding.decision is None]
    placed = [(finding, locate(request.document, finding)) for finding in pending]
    placed.sort(
        key=lambda pair: (
            SEVERITY_RANK.get(pair[0].severity, 1),
            pair[0].suggestion is None,
            pair[1] or (0, 0),
        )
    )
    kept: list[tuple[FindingIn, tuple[int, int]]] = []
    resolved: list[Resolution] = []
    for finding, place in placed:
        rejected = _why_not(prose, finding, place)
        if rejected or place is None:
            resolved.append(Resolution(finding, "reject", rejected or "The passage is not in the document."))
            continue
        into = next((other for other, span in kept if _one_remark(finding, place, other, span)), None)
        if into is not None:
            resolved.append(Resolution(finding, "merge", f"Says the same of “{short(into.quote)}”.", into.id))
            continue
        kept.append((finding, place))
        safe = edits.of_finding(prose, own, finding) is not None
        resolved.append(Resolution(finding, "accept", _reason(finding, safe=safe), safe=safe))
    return resolved


def _why_not(prose: Prose, finding: FindingIn, place: tuple[int, int] | None) -> str:
    if place is None:
        return "The passage is not in the document any more, or stands in it more than once."
    if finding.suggestion == finding.quote:
        return "The suggestion is what the text says already."
    if prose.quoted(*place) and finding.category not in _FACTS:
        return "Inside a quotation: these are the speaker's words and keep the speaker's voice."
    return ""


def _one_remark(finding: FindingIn, place: tuple[int, int], other: FindingIn, span: tuple[int, int]) -> bool:
    """Two findings on the same words: equal passages, one kind on overlapping ones, or rival replacements."""
    if place[1] <= span[0] or span[1] <= place[0]:
        return False
    if place == span:
        return finding.category not in _FACTS or finding.category == other.category
    same_kind = finding.category == other.category and finding.category not in _FACTS
    return same_kind or (finding.suggestion is not None and other.suggestion is not None)


def _reason(finding: FindingIn, *, safe: bool) -> str:
    if safe:
        return "A safe replacement of exactly these words."
    if finding.category in _FACTS:
        return "For the author: only the author knows which is right."
    if finding.suggestion is not None:
        return "For the author: the replacement may change what is meant."
    return "For the author: the passage has to be rewritten, not replaced."


def _entry(resolution: Resolution) -> dict[str, Any]:
    return {
        "finding": resolution.finding.id,
        "decision": resolution.decision,
        "into": resolution.into,
        "reason": resolution.reason,
    }


def _brief(resolved: list[Resolution]) -> str:
    accepted = [resolution for resolution in resolved if resolution.decision == "accept"]
    if not resolved:
        return "There is nothing to resolve: no editor asks for a change."
    merged = sum(resolution.decision == "merge" for resolution in resolved)
    rejected = sum(resolution.decision == "reject" for resolution in resolved)
    head = (
        f"{amount(len(resolved), 'finding')}: {len(accepted)} accepted, {merged} merged, {rejected} rejected"
    )
    lines = [sentence(head)]
    if accepted:
        lines.append("In order:")
        lines += [
            f"{place}. {_line(resolution)}" for place, resolution in enumerate(accepted[:_IN_ORDER], start=1)
        ]
    rest = accepted[_IN_ORDER:]
    if rest:
        lines.append(
            f"{_IN_ORDER + 1}. The rest, in the order of the text: {kinds(r.finding.category for r in rest)}."
        )
    author = sum(not resolution.safe for resolution in accepted)
    if author:
        lines.append(
            sentence(f"{amount(author, 'point')} of these {'is' if author == 1 else 'are'} for the author")
        )
    return "\n".join(lines)


def _line(resolution: Resolution) -> str:
    finding = resolution.finding
    change = f"“{short(finding.quote)}”"
    if resolution.safe:
        return (
            f"{change} becomes “{short(finding.suggestion or '')}”."
            if finding.suggestion
            else f"{change} goes."
        )
    return f"For the author: {change} ({finding.category}). {sentence(finding.message)}"
