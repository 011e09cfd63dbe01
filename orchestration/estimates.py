"""What a session will probably cost, and at most; from the text's real token counts."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from accounts.models import User
from billing.entitlements import limits_for
from billing.pricing_table import economics, multiplier
from config.common.errors import DomainError
from credits.pricing import credits_for
from orchestration import admission
from orchestration.material import GivenFinding, GivenReference, Material
from orchestration.models import Session
from orchestration.runtime.plans import Price, ceiling, likely_output, most_output, tokens_to_read
from orchestration.spec import RoleSpec, SessionSpec
from orchestration.workflow.criteria import validated
from orchestration.workflow.terms import EDITORS, Phase, Role, Status, phase_of
from orchestration.workflow.tokens import BYTES_PER_TOKEN

LEAST_RUNS = 10
"""After so many runs of a shape, their measured ratio corrects the estimate."""
_RUNS = 50
_LIKELY_FINDINGS = 8
_MOST_GROWN = 400_000
"""Bytes beyond which a text is not imagined to grow."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """Credits that a session will take. `first_step` is what Start holds; `reason` says why it cannot start.

    `measured_runs` counts the earlier runs that the expectation was corrected by, 0 for none.
    """

    expected: int
    worst_case: int
    first_step: int
    available: int
    can_start: bool
    reason: str
    code: str
    details: dict[str, Any]
    tokens: int
    measured_runs: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """The figures behind an estimate, in tokens weighted by the models' prices."""

    expected: Decimal
    worst_case: int
    first_step: int
    largest_request: int


def estimate(*, owner: User, spec: SessionSpec) -> Estimate:
    """Return what `spec` will take, and whether it may start now."""
    tokens_per_credit = economics().tokens_per_credit
    available = admission.available_credits(owner)
    foreseen = forecast(owner=owner, spec=spec)
    ratio, runs = _measured(owner, shape_of(spec))
    likely = credits_for(weighted_tokens=foreseen.expected * ratio, tokens_per_credit=tokens_per_credit)
    refusal = _refusal(owner, spec, foreseen)
    return Estimate(
        expected=min(max(1, likely), foreseen.worst_case),
        worst_case=foreseen.worst_case,
        first_step=foreseen.first_step,
        available=available,
        can_start=refusal is None,
        reason=refusal.message if refusal else "",
        code=refusal.code if refusal else "",
        details=refusal.details if refusal else {},
        tokens=foreseen.largest_request,
        measured_runs=runs,
    )


def forecast(*, owner: User, spec: SessionSpec) -> Forecast:
    """Return the figures of `spec`: likely tokens of all its rounds, the most it can cost, its first step."""
    most = limits_for(owner).tokens_per_request
    catalogue = economics()
    prices = {
        role.label: Price(multiplier(role.model), catalogue.tokens_per_credit, catalogue.output_weight)
        for role in spec.roles
    }
    expected, worst_case, first_step, largest = Decimal(0), 0, 0, 0
    references = _references(spec)
    for role, material in _turns(spec, references):
        reads = tokens_to_read(material)
        writes = likely_output(material)
        expected += prices[role.label].weigh(reads, writes if most is None else min(writes, most))
        largest = max(largest, reads)
    for role, material in _turns(spec, references, grows=True, most=most):
        dearest = ceiling(material, price=prices[role.label], most=most)
        worst_case += dearest.credits
        if material.round == 1 and phase_of(role.role) == Phase.WRITING:
            first_step += dearest.credits
    return Forecast(expected, worst_case, first_step, largest)


def shape_of(spec: SessionSpec) -> str:
    """Return what sessions have in common that cost alike: their roles and models."""
    seats = sorted(f"{role.role}:{role.model}" for role in spec.roles)
    return hashlib.sha256("\n".join(seats).encode()).hexdigest()


def _refusal(owner: User, spec: SessionSpec, foreseen: Forecast) -> DomainError | None:
    try:
        admission.require_text(spec)
        admission.require_team(user=owner, spec=spec, largest_request=foreseen.largest_request)
        admission.require_quota(user=owner, tokens=foreseen.largest_request)
        admission.require_credits(user=owner, spec=spec, first_step=foreseen.first_step)
    except DomainError as error:
        return error
    return None


def _measured(owner: User, shape: str) -> tuple[Decimal, int]:
    """Return how earlier runs of this shape compared with what was expected of them, and their number."""
    runs = Session.objects.filter(
        owner=owner, shape=shape, status=Status.COMPLETED, expected_tokens__gt=0
    ).order_by("-ended_at")
    recent = runs.values("pk")[:_RUNS]
    sums = Session.objects.filter(pk__in=recent).aggregate(
        used=Sum("weighted_tokens"), expected=Sum("expected_tokens")
    )
    count = len(recent)
    if count < LEAST_RUNS:
        return Decimal(1), 0
    return (sums["used"] / sums["expected"]).quantize(Decimal("0.0001")), count


def _turns(
    spec: SessionSpec, references: tuple[GivenReference, ...], *, grows: bool = False, most: int | None = None
) -> Iterator[tuple[RoleSpec, Material]]:
    """Yield every turn of every round with material of the size it will have.

    Where it `grows`, the Writer lengthens the text in each round as far as it may: `most` tokens.
    """
    body = spec.body
    for number in range(1, spec.max_rounds + 1):
        for role in sorted(spec.roles, key=lambda role: phase_of(role.role)):
            material = _material(spec, role, body, number, references)
            yield role, material
            if role.role == Role.WRITER and grows:
                room = most_output(material, most)
                body = _stretched(body, int(room * BYTES_PER_TOKEN))


def _material(
    spec: SessionSpec, role: RoleSpec, body: str, number: int, references: tuple[GivenReference, ...]
) -> Material:
    findings = tuple(
        GivenFinding(place, "style", "minor", "x" * 120, "x" * 60, 1, "x" * 40, is_earlier=True,
                     decision=None if role.role == Role.SYNTHESIZER else "accept")
        for place in range(_likely_findings(spec, role, number))
    )  # fmt: skip
    return Material(
        role=role.role,
        label=role.label,
        title=spec.title,
        document=body,
        instructions=spec.instructions,
        role_instructions=role.instructions,
        criteria=tuple(validated(role.criteria)),
        round=number,
        max_rounds=spec.max_rounds,
        findings=findings,
        references=references,
    )


def _likely_findings(spec: SessionSpec, role: RoleSpec, number: int) -> int:
    editors = sum(other.role in EDITORS for other in spec.roles)
    if role.role == Role.SYNTHESIZER:
        return editors * _LIKELY_FINDINGS
    return editors * _LIKELY_FINDINGS if number > 1 else 0


def _references(spec: SessionSpec) -> tuple[GivenReference, ...]:
    return tuple(
        GivenReference(reference.document.title, reference.document.body, reference.instructions)
        for reference in spec.references
    )


def _stretched(body: str, size: int) -> str:
    """Return a text of `size` bytes, or `body` where that is longer."""
    missing = min(size, _MOST_GROWN) - len(body.encode())
    return body + "x" * missing if missing > 0 else body
