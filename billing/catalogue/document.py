"""A catalogue in its typed form."""

from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from hashlib import sha256
from json import dumps
from typing import Any

from billing.limits import Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Economics:
    """What a credit is. `output_weight`: how many input tokens an output token counts for."""

    tokens_per_credit: int
    output_weight: Decimal
    rollover_cap: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanFigures:
    """One plan. Prices are US cents; `on_request` where the operator names none.

    `credits_per_month` None: credits do not meter this plan. `trial_days` 0: it has no trial.
    """

    code: str
    name: str
    tagline: str
    rank: int
    is_free: bool
    month_cents: int | None
    year_cents: int | None
    credits_per_month: int | None
    trial_days: int
    trial_credits: int
    limits: Limits

    @property
    def on_request(self) -> bool:
        """Whether the plan costs something that the catalogue does not say."""
        return not self.is_free and self.month_cents is None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductFigures:
    """Something bought once: `credits`, or the work that `service` names and the credits included with it."""

    code: str
    name: str
    description: str
    price_cents: int
    credits: int | None
    service: str
    includes_credits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFigures:
    """A language model: its weight in credits, and what its provider asks for a million tokens."""

    name: str
    label: str
    provider: str
    multiplier: Decimal
    usd_in: Decimal
    usd_out: Decimal
    priced_on: date
    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentFigures:
    """An agent's flat price in whole credits, and the least plan of this catalogue that may run it."""

    name: str
    minimum_plan: str
    price: int
    adds_tokens: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """What the operator pays, in USD; `input_share` of the tokens where a provider gives no split."""

    since: date
    input_share: Decimal
    embedding_per_1000_tokens: Decimal
    storage_per_gb_month: Decimal
    bandwidth_per_gb: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """All that one catalogue says."""

    name: str
    title: str
    economics: Economics
    plans: tuple[PlanFigures, ...]
    products: tuple[ProductFigures, ...]
    models: tuple[ModelFigures, ...]
    agents: tuple[AgentFigures, ...]
    costs: Costs

    def plan(self, code: str) -> PlanFigures:
        """Return the plan called `code`; KeyError where there is none."""
        return {plan.code: plan for plan in self.plans}[code]

    @property
    def checksum(self) -> str:
        """A fingerprint of the figures: comments and the order of keys do not change it."""
        return sha256(dumps(asdict(self), sort_keys=True, default=_plain).encode()).hexdigest()


def _plain(value: Any) -> str:
    return format(value.normalize(), "f") if isinstance(value, Decimal) else str(value)
