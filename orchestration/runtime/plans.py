"""What a turn may use at most: the tokens behind its hold, and the credits."""

import math
from dataclasses import dataclass
from decimal import Decimal

from credits.pricing import weigh, worst_case
from orchestration.material import Material
from orchestration.prompts import render
from orchestration.workflow.terms import Role
from orchestration.workflow.tokens import estimate, upper_bound

_ROOM = 1_500
"""Tokens for a summary or a commentary, and the scores."""
_LEAST = 300
_MOST_REMARKS = 12_000
_FINDINGS_PER_TOKEN = 0.6
_LEAST_FINDINGS = 6_000
"""Tokens for findings on a short text: one full of faults has one in every ten words."""
_TOKENS_PER_DECISION = 120


@dataclass(frozen=True, slots=True)
class Price:
    """What tokens cost: the model's multiplier, and the catalogue's economics."""

    multiplier: Decimal
    tokens_per_credit: int
    output_weight: Decimal = Decimal(1)

    def weigh(self, tokens_in: int, tokens_out: int) -> Decimal:
        """Return the weighted tokens of reading and writing so many."""
        return weigh(
            tokens_in=tokens_in,
            tokens_out=tokens_out,
            multiplier=self.multiplier,
            output_weight=self.output_weight,
        )

    def most(self, tokens_in: int, tokens_out: int) -> int:
        """Return the credits that so many tokens cost at most, whatever the run used before; at least one."""
        return max(
            1,
            worst_case(
                tokens_in_bound=tokens_in,
                max_output_tokens=tokens_out,
                multiplier=self.multiplier,
                tokens_per_credit=self.tokens_per_credit,
                output_weight=self.output_weight,
            ),
        )


@dataclass(frozen=True, slots=True)
class Ceiling:
    """The most that a turn may read, write and cost."""

    tokens_in: int
    tokens_out: int
    credits: int


def ceiling(material: Material, *, price: Price, most: int | None, prefix: str = "") -> Ceiling:
    """Return the ceiling of a turn given `material`, which has written `prefix` already.

    `most` is the plan's limit of tokens in a request; None where there is none.
    """
    reads = upper_bound(render(material).text) + upper_bound(prefix)
    writes = max(_LEAST, most_output(material, most) - estimate(prefix))
    return Ceiling(reads, writes, price.most(reads, writes))


def most_output(material: Material, most: int | None) -> int:
    """Return how many tokens the whole answer to `material` may have."""
    if material.role == Role.WRITER:
        wanted = upper_bound(material.document) + _ROOM
    elif material.role == Role.SYNTHESIZER:
        wanted = min(_MOST_REMARKS, _ROOM + len(material.to_decide) * _TOKENS_PER_DECISION)
    else:
        findings = max(_LEAST_FINDINGS, math.ceil(estimate(material.document) * _FINDINGS_PER_TOKEN))
        wanted = min(_MOST_REMARKS, _ROOM + findings)
    # The plan's limit is about the text; the remarks that follow it must not be cut off with it.
    return wanted if most is None else min(wanted, most + _ROOM)


def likely_output(material: Material) -> int:
    """Return how many tokens an answer to `material` will probably have."""
    document = estimate(material.document)
    return document + _LEAST if material.role == Role.WRITER else min(4_000, 400 + document // 4)


def tokens_to_read(material: Material) -> int:
    """Return the likely tokens of the request itself: what the plan's limit on a request is about."""
    return estimate(render(material).text)
