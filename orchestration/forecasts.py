"""How many tokens the turns of a session will read and write: probably, at least and at most.

Works with sizes, not with texts: a team of eight over twenty rounds of a long book is foreseen in
milliseconds. What the owner adds on the way (notes, edits, pauses, turns run again) comes on top.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from accounts.models import User
from billing.entitlements import limits_for
from billing.pricing_table import economics, multiplier
from orchestration.material import GivenFinding, GivenReference, Material
from orchestration.models import Session
from orchestration.prompts import render
from orchestration.providers.house_provider import tokens_read
from orchestration.providers.registry import HOUSE
from orchestration.runtime.charging import price_of
from orchestration.runtime.plans import Ceiling, Price, ceiling, likely_written, most_written
from orchestration.spec import RoleSpec, SessionSpec
from orchestration.workflow.answers import MOST_FINDINGS
from orchestration.workflow.criteria import validated
from orchestration.workflow.terms import EDITORS, Role, phase_of
from orchestration.workflow.tokens import at_most, likely, size
from orchestration.workflow.transitions import first_phase

_LIKELY_FINDINGS = 8
_SHORT, _LONG = Decimal("0.6"), Decimal("1.6")
"""How much of its likely answer an agent writes in a short run, and in a long one."""
_LONGEST_TOKEN = 4.5
"""Bytes of a token in prose: how far a text can grow with the tokens that were written."""
_TOLD_AGAIN = 1.75
"""Tokens of an editor's answer when it is given to others, for one that was written: each finding is told
with its number, its author and what was left out of it."""
_SHORTEST_FINDING = 8
"""Tokens of a finding that says next to nothing: so many more there can be."""
_ROUND_DIGITS = 8


@dataclass(frozen=True, slots=True)
class Terms:
    """What a forecast reckons with: prices by the seat's label, tokens to a credit, tokens to a request."""

    prices: Mapping[str, Price]
    tokens_per_credit: int
    most: int | None


@dataclass(slots=True)
class Share:
    """One agent's part of a session, in weighted tokens."""

    role: RoleSpec
    price: Price
    turns: int = 0
    low: Decimal = Decimal(0)
    likely: Decimal = Decimal(0)
    high: Decimal = Decimal(0)
    most: Decimal = Decimal(0)

    def add(self, *, reads: int, writes: int, most_reads: int, most_writes: int, is_sure: bool) -> None:
        """Count one more turn; `is_sure`: it takes place however early the session ends."""
        self.turns += 1
        if is_sure:
            self.low += self.price.weigh(reads, int(writes * _SHORT))
        self.likely += self.price.weigh(reads, writes)
        self.high += self.price.weigh(reads, max(writes, min(most_writes, int(writes * _LONG))))
        self.most += self.price.weigh(max(reads, most_reads), max(writes, most_writes))


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is foreseen, agent by agent.

    `first_step` is what the first step holds, `least` what it must be given to begin, both in credits;
    `largest_request` counts the tokens of the largest request.
    """

    shares: tuple[Share, ...]
    first_step: int
    least: int
    largest_request: int

    @property
    def expected(self) -> Decimal:
        """The weighted tokens that all will probably take."""
        return sum((share.likely for share in self.shares), Decimal(0))

    @property
    def low(self) -> Decimal:
        """The weighted tokens of a session that ends as early as it may, with short answers."""
        return sum((share.low for share in self.shares), Decimal(0))

    @property
    def high(self) -> Decimal:
        """The weighted tokens of all rounds, with long answers."""
        return sum((share.high for share in self.shares), Decimal(0))

    @property
    def most(self) -> Decimal:
        """The weighted tokens that cannot be passed."""
        return sum((share.most for share in self.shares), Decimal(0))


def terms_now(owner: User, spec: SessionSpec, *, is_bought: bool = False) -> Terms:
    """Return the terms on which `owner` would start `spec` now; what is bought is not bounded by the plan."""
    catalogue = economics()
    prices = {
        role.label: Price(multiplier(role.model), catalogue.tokens_per_credit, catalogue.output_weight)
        for role in spec.roles
    }
    most = None if is_bought else limits_for(owner).tokens_per_request
    return Terms(prices, catalogue.tokens_per_credit, most)


def terms_of(session: Session) -> Terms:
    """Return the terms on which `session` was started."""
    roles = [role for role in session.roles.all() if role.multiplier is not None]
    prices = {role.label: price_of(session, role.multiplier) for role in roles if role.multiplier}
    return Terms(prices, session.tokens_per_credit or 1, session.tokens_per_request)


def forecast(
    spec: SessionSpec, terms: Terms, *, round: int = 1, done: Collection[tuple[int, str]] = ()
) -> Forecast:
    """Foresee the turns of `spec` from `round` on, without those that are `done` (round and label)."""
    seats = sorted(spec.roles, key=lambda role: phase_of(role.role))
    shares = {role.label: Share(role, terms.prices[role.label]) for role in seats}
    frames = _Frames(spec)
    text = size(spec.body)
    most = _Most(text, terms.most)
    largest = 0
    may_end_early = spec.score_threshold is not None or any(role.role in EDITORS for role in seats)
    for number in range(round, spec.max_rounds + 1):
        for role in seats:
            request = frames.likely_request(role, number)
            writes = likely_written(role.role, document=text)
            most_reads, most_writes = most.turn(role, frames.least_request(role))
            largest = max(largest, likely(request + text))
            if (number, role.label) in done:
                continue
            shares[role.label].add(
                reads=frames.likely_reading(role, number) + likely(text),
                writes=writes if terms.most is None else min(writes, terms.most),
                most_reads=most_reads,
                most_writes=most_writes,
                is_sure=number == round or not may_end_early,
            )
        most.end_round()
    first = _first_step(spec, seats, terms, frames.references)
    return Forecast(
        shares=tuple(shares.values()),
        first_step=sum(step.credits for step in first),
        least=sum(step.price.credits(step.least) for step in first),
        largest_request=largest,
    )


class _Frames:
    """Sizes of the requests around the text, which is left out: it is counted where it is known."""

    def __init__(self, spec: SessionSpec) -> None:
        self._spec = spec
        self._editors = sum(role.role in EDITORS for role in spec.roles)
        self.references = tuple(
            GivenReference(reference.document.title, reference.document.body, reference.instructions)
            for reference in spec.references
        )
        self._materials: dict[tuple[str, int], Material] = {}
        self._sizes: dict[tuple[str, int], int] = {}

    def likely_request(self, role: RoleSpec, number: int) -> int:
        """Return the bytes of a request with as many findings as there probably are."""
        return self._size(role, self._findings(role, number))

    def likely_reading(self, role: RoleSpec, number: int) -> int:
        """Return the tokens that are probably read, the text left out."""
        findings = self._findings(role, number)
        if role.provider == HOUSE:
            return tokens_read(self._material(role, findings))
        return likely(self._size(role, findings))

    def least_request(self, role: RoleSpec) -> int:
        """Return the bytes of a request without findings."""
        return self._size(role, 0)

    def _findings(self, role: RoleSpec, number: int) -> int:
        is_told = number > 1 or role.role == Role.SYNTHESIZER
        return self._editors * _LIKELY_FINDINGS if is_told else 0

    def _size(self, role: RoleSpec, findings: int) -> int:
        key = (role.label, findings)
        if key not in self._sizes:
            self._sizes[key] = size(render(self._material(role, findings)).text)
        return self._sizes[key]

    def _material(self, role: RoleSpec, findings: int) -> Material:
        key = (role.label, findings)
        if key not in self._materials:
            self._materials[key] = _material(self._spec, role, findings, self.references)
        return self._materials[key]


class _Most:
    """What turns can read and write at most, each writing all that it may, nothing of it ever settled.

    A text that an agent wrote is read back as the tokens it was written in; how much longer the next one may
    be goes by its bytes. `said` counts the tokens that editors and Synthesizer wrote in the rounds before,
    `fresh` those of this round.
    """

    def __init__(self, document: int, most: int | None) -> None:
        self._bytes, self._tokens, self._most = document, at_most(document), most
        self._said = self._fresh = self._decisions = 0

    def turn(self, role: RoleSpec, frame: int) -> tuple[int, int]:
        """Return the tokens that a turn reads and writes at most, and remember what it may say."""
        heard = self._fresh if role.role == Role.SYNTHESIZER else self._said
        writes = most_written(role.role, document=self._bytes, decisions=self._decisions, most=self._most)
        reads = at_most(frame + _ROUND_DIGITS) + self._tokens + heard
        if role.role == Role.WRITER:
            self._tokens = max(self._tokens, writes)
            self._bytes = max(self._bytes, int(writes * _LONGEST_TOKEN))
        elif role.role == Role.SYNTHESIZER:
            self._said += writes
        else:
            self._decisions += min(MOST_FINDINGS, writes // _SHORTEST_FINDING)
            self._fresh += int(writes * _TOLD_AGAIN)
        return reads, writes

    def end_round(self) -> None:
        """What was fresh is known from now on."""
        self._said += self._fresh
        self._fresh = self._decisions = 0


def _first_step(
    spec: SessionSpec, seats: Sequence[RoleSpec], terms: Terms, references: tuple[GivenReference, ...]
) -> list[Ceiling]:
    """Return the ceilings of the turns that Start opens, as it will reckon them."""
    first = first_phase([role.role for role in seats])
    return [
        ceiling(
            replace(_material(spec, role, 0, references), document=spec.body),
            price=terms.prices[role.label],
            most=terms.most,
        )
        for role in seats
        if phase_of(role.role) == first
    ]


def _material(
    spec: SessionSpec, role: RoleSpec, findings: int, references: tuple[GivenReference, ...]
) -> Material:
    """Return what `role` is given, with so many findings of usual length, and no text."""
    decision = None if role.role == Role.SYNTHESIZER else "accept"
    finding = GivenFinding(1, "style", "minor", "x" * 120, "x" * 60, 1, "x" * 40, decision=decision,
                           is_earlier=True)  # fmt: skip
    return Material(
        role=role.role,
        label=role.label,
        title=spec.document.title if spec.document else spec.title,
        document="",
        instructions=spec.instructions,
        role_instructions=role.instructions,
        criteria=tuple(validated(role.criteria)),
        round=1,
        max_rounds=spec.max_rounds,
        findings=(finding,) * findings,
        references=references,
    )
