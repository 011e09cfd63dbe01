"""What a turn may use at most: the tokens behind its hold, and the credits."""

import math
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from credits.pricing import credits_for, weigh
from orchestration.material import Material
from orchestration.prompts import render
from orchestration.workflow.terms import Role
from orchestration.workflow.tokens import at_most, estimate, likely, size, upper_bound

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

    def credits(self, weighted: Decimal) -> int:
        """Return the credits that cover `weighted` tokens, whatever the run used before; at least one."""
        # ceil(a + b) − ceil(a) is at most ceil(b): the run's earlier turns cannot make this one dearer.
        return max(1, credits_for(weighted_tokens=weighted, tokens_per_credit=self.tokens_per_credit))

    def can_write(self, weighted: Decimal, tokens_in: int) -> int:
        """Return how many tokens may be written for `weighted` ones, after reading `tokens_in`."""
        tokens = Fraction(weighted) / Fraction(self.multiplier)
        return math.floor((tokens - tokens_in) / Fraction(self.output_weight))


@dataclass(frozen=True, slots=True)
class Ceiling:
    """The most that a turn may read, write and cost.

    `least` is what it must be given to begin: enough, in weighted tokens, for the answer it will probably
    write. A turn that goes on in the middle of its answer begins with the whole ceiling or not at all, so
    that nobody pays again and again for reading what was read before.
    """

    tokens_in: int
    tokens_out: int
    weighted: Decimal
    least: Decimal
    price: Price
    is_short: bool = False

    @property
    def credits(self) -> int:
        """What its hold is."""
        return self.price.credits(self.weighted)

    def shortened(self, weighted: Decimal) -> "Ceiling":
        """Return the ceiling that so many weighted tokens allow, `least` or more of them."""
        writes = self.price.can_write(weighted, self.tokens_in)
        return Ceiling(self.tokens_in, writes, weighted, self.least, self.price, is_short=True)


def ceiling(material: Material, *, price: Price, most: int | None, prefix: str = "") -> Ceiling:
    """Return the ceiling of a turn given `material`, which has written `prefix` already.

    `most` is the plan's limit of tokens in a request; None where there is none.
    """
    reads = upper_bound(render(material).text) + upper_bound(prefix)
    writes = max(_LEAST, most_output(material, most) - estimate(prefix))
    whole = price.weigh(reads, writes)
    least = whole if prefix else price.weigh(reads, min(writes, likely_output(material)))
    return Ceiling(reads, writes, whole, least, price)


def most_output(material: Material, most: int | None) -> int:
    """Return how many tokens the whole answer to `material` may have."""
    return most_written(
        material.role, document=size(material.document), decisions=len(material.to_decide), most=most
    )


def most_written(role: str, *, document: int, decisions: int, most: int | None) -> int:
    """Return how many tokens an answer may have, of a `document` so many bytes long."""
    if role == Role.WRITER:
        wanted = at_most(document) + _ROOM
    elif role == Role.SYNTHESIZER:
        wanted = min(_MOST_REMARKS, _ROOM + decisions * _TOKENS_PER_DECISION)
    else:
        findings = max(_LEAST_FINDINGS, math.ceil(likely(document) * _FINDINGS_PER_TOKEN))
        wanted = min(_MOST_REMARKS, _ROOM + findings)
    # The plan's limit is about the text; the remarks that follow it must not be cut off with it.
    return wanted if most is None else min(wanted, most + _ROOM)


def likely_output(material: Material) -> int:
    """Return how many tokens an answer to `material` will probably have."""
    return likely_written(material.role, document=size(material.document))


def likely_written(role: str, *, document: int) -> int:
    """Return how many tokens an answer will probably have, of a `document` so many bytes long."""
    tokens = likely(document)
    return tokens + _LEAST if role == Role.WRITER else min(4_000, 400 + tokens // 4)


def tokens_to_read(material: Material) -> int:
    """Return the likely tokens of the request itself: what the plan's limit on a request is about."""
    return estimate(render(material).text)
