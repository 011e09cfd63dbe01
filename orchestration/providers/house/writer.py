"""The Writer: makes the changes that are safe and leaves the rest to the author."""

import re

from orchestration.providers.house import edits, language, lenses, wire
from orchestration.providers.house.analysis import analyse
from orchestration.providers.house.edits import Edit
from orchestration.providers.house.phrasing import amount, kinds, sentence
from orchestration.providers.house.prose import Prose
from orchestration.providers.house.request import FindingIn, HouseRequest, locate
from orchestration.providers.house.results import Analysis, Issue

_ALL = frozenset(lenses.LENSES)
_TIGHTEN = re.compile(
    r"\b(?:tighten|shorten|concise|wordy|wordiness|plainer?|trim|cut|simplif\w+|line[- "
    r"]edit)\b",
    re.IGNORECASE,
)


def answer(request: HouseRequest) -> str:
    """The whole answer of a Writer's turn."""
    analysis = analyse(request.document, lenses=_ALL, known_names=request.known_names)
    if analysis.language != "en":
        name = language.NAMES.get(analysis.language, analysis.language)
        summary = f"The text is in {name}. House works in English only and has changed nothing."
        return _format(request, request.document, summary, analysis)
    chosen, left = _choose(request, analysis)
    document = edits.apply(request.document, chosen)
    after = analyse(document, lenses=_ALL, known_names=request.known_names)
    return _format(request, document, _summary(request, chosen, left), after)


def _format(request: HouseRequest, document: str, summary: str, analysis: Analysis) -> str:
    scores = wire.evaluation(analysis, wire.criteria_of("writer", request.criteria))
    return f"<document>\n{document}\n</document>\n<summary>{summary.replace('<', '‹')}</summary>\n{scores}"


def _choose(request: HouseRequest, analysis: Analysis) -> tuple[list[Edit], int]:
    """The edits to make, and how many accepted findings are left for the author."""
    prose = Prose.of(request.document)
    accepted = [finding for finding in request.findings if finding.decision == "accept"]
    called_for = [edits.of_finding(prose, analysis.issues, finding) for finding in accepted]
    still_there = [locate(request.document, finding) is not None for finding in accepted]
    left = sum(edit is None and there for edit, there in zip(called_for, still_there, strict=True))
    own = [issue for issue in analysis.issues if _may(request, issue)]
    wanted = [
        *edits.agreed(prose, f"{request.instructions}\n{request.note}"),
        *(edit for edit in called_for if edit is not None),
        *edits.of_issues(own),
    ]
    return edits.without_overlaps(wanted), left


def _may(request: HouseRequest, issue: Issue) -> bool:
    """Mistakes are mended unasked, style only when asked; what was rejected stays."""
    if any(_is_rejected(finding, issue) for finding in request.findings):
        return False
    return issue.category in edits.MECHANICAL or bool(
        _TIGHTEN.search(request.instructions + " " + request.note)
    )


def _is_rejected(finding: FindingIn, issue: Issue) -> bool:
    return (
        finding.decision == "reject" and finding.quote == issue.quote and finding.category == issue.category
    )


def _summary(request: HouseRequest, chosen: list[Edit], left: int) -> str:
    if chosen:
        made = f"Changed {amount(len(chosen), 'passage')}: {kinds(edit.category for edit in chosen)}."
    else:
        made = "Changed nothing: there was nothing that can be changed by rule without asking."
    if left:
        kept = (
            f"Left {amount(left, 'accepted point')} to the author, because only the author knows what "
            "is meant"
        )
    else:
        kept = "Left quoted words, headings and everything that needs a judgement as it was"
    parts = [made, sentence(kept)]
    wishes = (request.instructions + request.note).strip()
    if request.round == 1 and wishes and not any(edit.category == "agreed" for edit in chosen):
        parts.append(
            "House is rule-based, not a language model: of free instructions it follows only “tighten” and "
            "“replace “X” with “Y””."
        )
    return " ".join(parts)
