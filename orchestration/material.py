"""What one turn is given to work with: plain values, the same for every provider."""

from dataclasses import dataclass

from orchestration.workflow.criteria import Criterion


@dataclass(frozen=True, slots=True)
class GivenFinding:
    """A finding as an agent is told of it, by its number in the session.

    `start` and `end` are its place in the document given, None where that is not known. `decision` is
    "accept", "merge" or "reject", None until somebody has decided. `is_earlier`: of an earlier round.
    """

    number: int
    category: str
    severity: str
    message: str
    quote: str
    occurrence: int
    suggestion: str
    start: int | None = None
    end: int | None = None
    decision: str | None = None
    reason: str = ""
    by: str = ""
    is_earlier: bool = False
    is_applied: bool = False


@dataclass(frozen=True, slots=True)
class GivenReference:
    """Another document, with what it is to be used for."""

    title: str
    text: str
    instructions: str


@dataclass(frozen=True, slots=True)
class Material:
    """All that an agent may know for one turn. It has no tools, and nothing else is shown to it.

    `findings` are all of the session so far, decided or not; `to_apply` and `to_decide` are the ones that
    the Writer and the Synthesizer are asked about, `known` the ones an editor need not repeat.
    `brief` is the Synthesizer's of the round before, for the Writer; `remarks` are the editors' of this
    round, for the Synthesizer.
    """

    role: str
    label: str
    title: str
    document: str
    instructions: str
    role_instructions: str
    criteria: tuple[Criterion, ...]
    round: int
    max_rounds: int
    findings: tuple[GivenFinding, ...] = ()
    brief: str = ""
    remarks: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    references: tuple[GivenReference, ...] = ()
    voice: str = ""

    @property
    def to_apply(self) -> tuple[GivenFinding, ...]:
        """Accepted findings that the text does not show yet."""
        return tuple(f for f in self.findings if f.decision == "accept" and not f.is_applied)

    @property
    def to_decide(self) -> tuple[GivenFinding, ...]:
        """Findings nobody has decided about."""
        return tuple(f for f in self.findings if f.decision is None)

    @property
    def known(self) -> tuple[GivenFinding, ...]:
        """Findings of earlier rounds."""
        return tuple(f for f in self.findings if f.is_earlier)
