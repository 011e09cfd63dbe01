"""What House is asked for: one role, one document, the findings so far."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FindingIn:
    """A finding of an editor, of whatever provider; `decision` is None until the Synthesizer has resolved it.

    `start` and `end` are offsets into the document of the request, -1 when they are not known.
    """

    id: str
    category: str
    severity: str
    message: str
    quote: str
    start: int
    end: int
    suggestion: str | None = None
    decision: str | None = None


@dataclass(frozen=True, slots=True)
class HouseRequest:
    """One turn. Pass an editor every finding of earlier rounds: it repeats none of them."""

    role: str
    document: str
    instructions: str = ""
    criteria: tuple[str, ...] = ()
    findings: tuple[FindingIn, ...] = ()
    known_names: tuple[str, ...] = ()
    round: int = 1
    note: str = ""


def locate(document: str, finding: FindingIn) -> tuple[int, int] | None:
    """Where a finding's passage stands now: where it was, else its only occurrence, else nowhere."""
    quote = finding.quote
    if not quote:
        return None
    if finding.start >= 0 and document[finding.start : finding.start + len(quote)] == quote:
        return finding.start, finding.start + len(quote)
    first = document.find(quote)
    if first < 0 or document.find(quote, first + 1) >= 0:
        return None
    return first, first + len(quote)


def occurrence(document: str, quote: str, start: int) -> int:
    """Count which occurrence of `quote` begins at `start`, from 1; overlapping ones count."""
    count, position = 0, -1
    while (position := document.find(quote, position + 1)) != -1 and position <= start:
        count += 1
    return count
