"""The editors: point at passages and say why, each through the lenses of its role."""

from collections import Counter
from typing import Any

from orchestration.providers.house import language, lenses, wire
from orchestration.providers.house.analysis import analyse
from orchestration.providers.house.phrasing import amount, kinds, sentence, short
from orchestration.providers.house.request import HouseRequest, occurrence
from orchestration.providers.house.results import SEVERITY_RANK, Analysis, Issue
from orchestration.providers.house.scoring import ROLE_CRITERIA

_NOT_A_MODEL = (
    "House reads by rule and is not a language model, so it quotes what it means and judges nothing else."
)
_REGISTERS = {
    "period": (
        "This reads as prose of an older period, so its spelling, its idiom and its voice are left alone; "
        "only length is measured."
    ),
    "narrative": "This reads as narrative, so dialogue and the narrator's idiom are left alone.",
}


def answer(request: HouseRequest) -> str:
    """The whole answer of an editor's turn."""
    wanted = _lenses(request)
    analysis = analyse(request.document, lenses=wanted, known_names=request.known_names)
    fresh = _ranked(_not_yet_reported(request, analysis.issues))
    comment = _comment(request, analysis, fresh, wanted)
    payload = [_finding(request.document, issue) for issue in fresh]
    scores = wire.evaluation(analysis, wire.criteria_of(request.role, request.criteria))
    return f"{comment}\n{wire.tagged('findings', payload)}\n{scores}"


def _lenses(request: HouseRequest) -> frozenset[str]:
    default = frozenset(ROLE_CRITERIA.get(request.role, lenses.LENSES)) & frozenset(lenses.LENSES)
    named = {lens for lens in map(lenses.closest, request.criteria) if lens is not None}
    return frozenset(named) or default or frozenset(lenses.LENSES)


def _not_yet_reported(request: HouseRequest, issues: tuple[Issue, ...]) -> list[Issue]:
    """What no earlier round has said about the same words."""
    reported = Counter((finding.category, finding.quote) for finding in request.findings)
    fresh: list[Issue] = []
    for issue in issues:
        key = (issue.category, issue.quote)
        if reported[key]:
            reported[key] -= 1
        else:
            fresh.append(issue)
    return fresh


def _ranked(issues: list[Issue]) -> list[Issue]:
    return sorted(issues, key=lambda issue: (SEVERITY_RANK[issue.severity], issue.start))


def _finding(document: str, issue: Issue) -> dict[str, Any]:
    return {
        "category": issue.category,
        "severity": issue.severity,
        "message": issue.message,
        "quote": issue.quote,
        "occurrence": occurrence(document, issue.quote, issue.start),
        "suggestion": issue.suggestion,
    }


def _comment(request: HouseRequest, analysis: Analysis, fresh: list[Issue], wanted: frozenset[str]) -> str:
    if analysis.language != "en":
        name = language.NAMES.get(analysis.language, analysis.language)
        return (
            f"The text is in {name}. House works in English only, so it has no findings; its scores "
            "are no judgement."
        )
    said = [_NOT_A_MODEL] if request.round == 1 else []
    if fresh:
        said += _findings_in_words(fresh)
    else:
        said.append(_nothing_left(request))
    said.append(_figures(analysis, wanted))
    if request.round == 1 and analysis.measures.register in _REGISTERS:
        said.append(_REGISTERS[analysis.measures.register])
    return " ".join(said)


def _findings_in_words(fresh: list[Issue]) -> list[str]:
    serious = sum(issue.severity == "major" for issue in fresh)
    weight = f", {amount(serious, 'serious one')} first" if serious else ""
    said = [sentence(f"{amount(len(fresh), 'finding')}{weight}: {kinds(issue.category for issue in fresh)}")]
    leads = ("First:", "Then:")
    return said + [sentence(f"{lead} {_in_words(issue)}") for lead, issue in zip(leads, fresh, strict=False)]


def _in_words(issue: Issue) -> str:
    return issue.message if issue.quote in issue.message else f"“{short(issue.quote)}”. {issue.message}"


def _nothing_left(request: HouseRequest) -> str:
    waiting = sum(
        finding.decision == "accept" and finding.quote in request.document for finding in request.findings
    )
    if waiting:
        return (
            "Nothing new is left that rules can find; "
            f"{amount(waiting, 'accepted point')} of earlier rounds "
            f"{'waits' if waiting == 1 else 'wait'} for the author and {'is' if waiting == 1 else 'are'} "
            "not repeated."
        )
    return "Nothing is left to change that rules can find."


def _figures(analysis: Analysis, wanted: frozenset[str]) -> str:
    measures = analysis.measures
    if wanted & {"tone", "flow"}:
        passive = round(100 * measures.passive_sentences / max(measures.sentences, 1))
        return (
            f"The text has {measures.words} words in {amount(measures.sentences, 'sentence')}, "
            f"{measures.mean_sentence:.0f} "
            f"a sentence, the longest {measures.longest_sentence}; Flesch reading ease "
            f"{measures.flesch:.0f}, "
            f"{passive} % of sentences passive."
        )
    return (
        f"In {measures.words} words there are "
        f"{amount(measures.specifics, 'name or figure', 'names and figures')} "
        "to check; only what contradicts itself, lacks a part or names no source is reported."
    )
