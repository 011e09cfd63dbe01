"""Puts a turn's material into words for a language model: rules first, the user's texts as data."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Template

from orchestration.material import GivenFinding, Material
from orchestration.workflow.terms import EDITORS, Role

_FOLDER = Path(__file__).parent
_MOST_KNOWN = 100
CONTINUE = (
    "Your answer above was interrupted. Continue it exactly where it stops, from the next character on. "
    "Repeat nothing, explain nothing."
)


@dataclass(frozen=True, slots=True)
class Prompt:
    """A request in words: `system` is ours, `user` carries the writer's own texts."""

    system: str
    user: str

    @property
    def text(self) -> str:
        """Both parts, for counting and for the request log."""
        return f"{self.system}\n\n{self.user}"


def default_instructions(role: str) -> str:
    """Return the instructions of `role` that a person may replace by their own."""
    return _read(f"roles/{role}.md").strip()


def panel_instructions(name: str) -> str:
    """Return the instructions of a reader on a panel, or its `brief`."""
    return _read(f"panel/{name}.md").strip()


def render(material: Material) -> Prompt:
    """Return the prompt for `material`."""
    kind = "editor" if material.role in EDITORS else str(material.role)
    system = Template(_read(f"{kind}.md")).substitute(
        role_instructions=material.role_instructions or default_instructions(material.role),
        rules=_read("rules.md").strip(),
        criteria=", ".join(criterion.name for criterion in material.criteria),
        evaluation=_evaluation_example(material),
    )
    return Prompt(system=system.strip(), user="\n\n".join(_user_parts(material)))


def _user_parts(material: Material) -> list[str]:
    parts = [f"Round {material.round} of at most {material.max_rounds}."]
    if material.instructions:
        parts.append(f"What the author wants from this session:\n{material.instructions}")
    parts += [f"A note from the author for this turn:\n{note}" for note in material.notes]
    if material.voice and material.role == Role.WRITER:
        parts.append(f"The author's voice, to be kept:\n{material.voice}")
    if material.brief:
        parts.append(f"The Synthesizer's brief for this revision:\n{material.brief}")
    for label, remarks in material.remarks:
        parts.append(_data(f"REMARKS OF THE {label.upper()}", remarks))
    title, findings = _findings(material)
    if findings:
        parts.append(_data(title, "\n".join(map(_finding_line, findings))))
    for reference in material.references:
        use = reference.instructions or "for background"
        parts.append(
            f"Use the next document: {use}\n{_data(f'REFERENCE: {reference.title}', reference.text)}"
        )
    parts.append(_data(f"DOCUMENT: {material.title}", material.document))
    return parts


def _findings(material: Material) -> tuple[str, Sequence[GivenFinding]]:
    """Return the findings that the role is to know of, with what they are to it."""
    if material.role == Role.WRITER:
        return "ACCEPTED FINDINGS", material.to_apply
    if material.role == Role.SYNTHESIZER:
        return "FINDINGS", material.to_decide
    return "FINDINGS OF EARLIER ROUNDS (do not repeat them)", material.known[-_MOST_KNOWN:]


def _finding_line(finding: GivenFinding) -> str:
    fields = {
        "finding": finding.number,
        "by": finding.by,
        "severity": finding.severity,
        "category": finding.category,
        "message": finding.message,
        "quote": finding.quote,
        "occurrence": finding.occurrence,
        "suggestion": finding.suggestion,
        "decision": finding.decision or "",
        "reason": finding.reason,
    }
    return json.dumps({key: value for key, value in fields.items() if value}, ensure_ascii=False)


def _data(title: str, text: str) -> str:
    """Return `text` fenced by a mark that it cannot contain: the mark is its own hash."""
    mark = hashlib.sha256(text.encode()).hexdigest()[:12]
    heading = " ".join(title.split())
    return f"----- BEGIN {mark} {heading} -----\n{text}\n----- END {mark} -----"


def _evaluation_example(material: Material) -> str:
    scores = {
        criterion.name.lower(): {"score": 7, "reason": "one sentence"} for criterion in material.criteria
    }
    return f"<evaluation>{json.dumps({'scores': scores}, ensure_ascii=False)}</evaluation>"


@cache
def _read(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")
