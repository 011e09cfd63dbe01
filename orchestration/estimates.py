"""What a session will probably cost, and at most: from the text's token counts and its owner's history."""

import hashlib
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from accounts.models import User
from config.common.errors import DomainError
from credits.pricing import credits_for
from orchestration import admission
from orchestration.forecasts import Forecast, Share, Terms, forecast, terms_now, terms_of
from orchestration.models import Quote, Session
from orchestration.spec import SessionSpec, spec_of
from orchestration.workflow.calibration import Calibration, calibrated
from orchestration.workflow.terms import Status, TurnStatus

_RUNS = 50
_PLACES = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class SeatEstimate:
    """What one agent is expected to take, and takes at most: parts of credits, which a run rounds up once."""

    role: str
    label: str
    model: str
    multiplier: float
    turns: int
    expected: float
    worst_case: float

    @property
    def weight(self) -> str:
        """Its multiplier in as few digits as it has."""
        return f"{self.multiplier:g}"


@dataclass(frozen=True, slots=True)
class Estimate:
    """Credits that a session will take.

    Probably from `low` to `high`, in the mean `expected`; never above `worst_case` by what the team does,
    nor above `cap`, at which it pauses. `first_step` is what Start holds; `reason` says why it cannot start.
    `measured_runs` counts the earlier runs that the expectation was measured on; 0: it is reckoned.
    """

    expected: int
    low: int
    high: int
    worst_case: int
    cap: int | None
    first_step: int
    available: int
    can_start: bool
    reason: str
    code: str
    details: dict[str, Any]
    tokens: int
    measured_runs: int
    agents: tuple[SeatEstimate, ...]


@dataclass(frozen=True, slots=True)
class Remaining:
    """Credits that a session under way will probably still take, on top of what it has spent."""

    low: int
    high: int

    @property
    def is_exact(self) -> bool:
        """Whether both ends are the same."""
        return self.low == self.high


@dataclass(frozen=True, slots=True)
class Foreseen:
    """A forecast with what the owner's history makes of it."""

    forecast: Forecast
    terms: Terms
    history: Calibration | None

    @property
    def ratio(self) -> Decimal:
        """Tokens expected for one that is foreseen."""
        return self.history.ratio if self.history else Decimal(1)

    @property
    def runs(self) -> int:
        """How many earlier runs it was measured on."""
        return self.history.runs if self.history else 0

    def credits(self, weighted: Decimal) -> int:
        """Return the credits of a run of so many weighted tokens: at least one, at most the worst case."""
        per_credit = self.terms.tokens_per_credit
        most = credits_for(weighted_tokens=self.forecast.most, tokens_per_credit=per_credit)
        return min(max(1, credits_for(weighted_tokens=weighted, tokens_per_credit=per_credit)), most)

    @property
    def range(self) -> tuple[Decimal, Decimal]:
        """Weighted tokens of a short and of a long run."""
        if self.history is None:
            return self.forecast.low, self.forecast.high
        return self.forecast.expected * self.history.low, self.forecast.expected * self.history.high


def foresee(*, owner: User, spec: SessionSpec, is_bought: bool = False) -> Foreseen:
    """Return what is foreseen for `spec` on the terms of this moment, as a service bought or not."""
    terms = terms_now(owner, spec, is_bought=is_bought)
    return Foreseen(forecast(spec, terms), terms, history_of(owner, shape_of(spec)))


def estimate(*, owner: User, spec: SessionSpec) -> Estimate:
    """Return what `spec` will take, and whether it may start now."""
    foreseen = foresee(owner=owner, spec=spec)
    ahead = foreseen.forecast
    low, high = foreseen.range
    refusal = _refusal(owner, spec, ahead)
    holds = ahead.first_step if spec.cap_credits is None else min(ahead.first_step, spec.cap_credits)
    return Estimate(
        expected=foreseen.credits(ahead.expected * foreseen.ratio),
        low=foreseen.credits(low),
        high=foreseen.credits(high),
        worst_case=foreseen.credits(ahead.most),
        cap=spec.cap_credits,
        first_step=holds,
        available=admission.available_credits(owner),
        can_start=refusal is None,
        reason=refusal.message if refusal else "",
        code=refusal.code if refusal else "",
        details=refusal.details if refusal else {},
        tokens=ahead.largest_request,
        measured_runs=foreseen.runs,
        agents=tuple(_seat(share, foreseen) for share in ahead.shares),
    )


def keep_quote(session: Session, spec: SessionSpec, foreseen: Foreseen) -> Quote:
    """Keep what the session was quoted as it starts, to be compared with what it spends."""
    ahead = foreseen.forecast
    low, high = foreseen.range
    return Quote.objects.create(
        session=session,
        team=team_of(spec),
        model_names=" + ".join(sorted({role.model for role in spec.roles}))[:200],
        shape=session.shape,
        expected=foreseen.credits(ahead.expected * foreseen.ratio),
        low=foreseen.credits(low),
        high=foreseen.credits(high),
        most=foreseen.credits(ahead.most),
        tokens=ahead.expected * foreseen.ratio,
        measured_runs=foreseen.runs,
    )


def remaining(session: Session) -> Remaining:
    """Return what a session that was started will probably still take, from its text as it stands now."""
    finished = session.turns.standing().filter(status=TurnStatus.FINISHED, round=session.round)
    done = {(session.round, label) for label in finished.values_list("role__label", flat=True)}
    terms = terms_of(session)
    ahead = forecast(spec_of(session), terms, round=session.round, done=done)
    history = history_of(session.owner, session.shape)
    low, high = Foreseen(ahead, terms, history).range

    def on_top(weighted: Decimal) -> int:
        in_all = session.weighted_tokens + weighted
        return credits_for(weighted_tokens=in_all, tokens_per_credit=terms.tokens_per_credit) - session.spent

    return Remaining(low=on_top(low), high=on_top(high))


def shape_of(spec: SessionSpec) -> str:
    """Return what sessions have in common that cost alike: their roles and models, and how they end."""
    seats = sorted(f"{role.role}:{role.model}" for role in spec.roles)
    ends = f"{spec.max_rounds}:{'score' if spec.score_threshold is not None else ''}"
    return hashlib.sha256("\n".join([*seats, ends]).encode()).hexdigest()


def team_of(spec: SessionSpec) -> str:
    """Return a shape in words, for operators."""
    seats = ", ".join(f"{role.role.replace('_', ' ')} ({role.model})" for role in spec.roles)
    rounds = "1 round" if spec.max_rounds == 1 else f"{spec.max_rounds} rounds"
    return f"{rounds}{', to a score' if spec.score_threshold is not None else ''}: {seats}"[:400]


def history_of(owner: User, shape: str) -> Calibration | None:
    """Return what the owner's last runs of this shape tell; None while they are too few."""
    runs = Session.objects.filter(
        owner=owner, shape=shape, status=Status.COMPLETED, expected_tokens__gt=0
    ).order_by("-ended_at")
    figures = runs.values_list("expected_tokens", "weighted_tokens")[:_RUNS]
    return calibrated([(foreseen, used) for foreseen, used in figures if foreseen is not None])


def _seat(share: Share, foreseen: Foreseen) -> SeatEstimate:
    per_credit = foreseen.terms.tokens_per_credit

    def parts(weighted: Decimal) -> float:
        return float((weighted / per_credit).quantize(_PLACES, ROUND_HALF_UP))

    return SeatEstimate(
        role=share.role.role,
        label=share.role.label,
        model=share.role.model,
        multiplier=float(share.price.multiplier),
        turns=share.turns,
        expected=parts(share.likely * foreseen.ratio),
        worst_case=parts(share.most),
    )


def _refusal(owner: User, spec: SessionSpec, ahead: Forecast) -> DomainError | None:
    try:
        admission.require_places(user=owner, spec=spec)
        admission.require_text(spec)
        admission.require_team(user=owner, spec=spec, largest_request=ahead.largest_request)
        models = [role.model for role in spec.roles]
        admission.require_quota(user=owner, models=models, tokens=ahead.largest_request)
        admission.require_credits(user=owner, spec=spec, first_step=ahead.first_step, least=ahead.least)
    except DomainError as error:
        return error
    return None
