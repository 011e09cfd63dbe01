"""What a smaller plan would take away: what becomes read-only, and what is no longer included."""

from dataclasses import dataclass

from accounts.models import User
from billing import usage
from billing.amounts import count, size
from billing.entitlements import limits_for
from billing.limits import FEATURES, LIMITS, Kind, Limits
from billing.models import ModelPrice


@dataclass(frozen=True, slots=True, kw_only=True)
class Excess:
    """More of one kept thing than the plan carries."""

    limit: str
    label: str
    used: str
    allowed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Losses:
    """What one has or may do now, and no longer on the other plan."""

    read_only: tuple[Excess, ...]
    features: tuple[str, ...]
    models: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.read_only or self.features or self.models)


def losses(user: User, *, to: Limits) -> Losses:
    """Return what `user` would lose under the limits `to`. Nothing is ever deleted.

    Only what is kept becomes read-only; what is counted by the month starts again anyway.
    """
    mine = limits_for(user)
    models = ModelPrice.objects.all()
    return Losses(
        read_only=tuple(_excesses(user, to)),
        features=tuple(label for code, label in FEATURES.items() if mine.has(code) and not to.has(code)),
        models=tuple(
            model.label
            for model in models
            if mine.includes_model(model.name) and not to.includes_model(model.name)
        ),
    )


def _excesses(user: User, to: Limits) -> list[Excess]:
    found = []
    for limit in usage.counted():
        words, allowed = LIMITS[limit], to.of(limit)
        if words.kind is not Kind.HELD or allowed is None:
            continue
        used = usage.used(user, limit)
        if used > allowed:
            write = size if words.in_bytes else count
            found.append(Excess(limit=limit, label=words.label, used=write(used), allowed=write(allowed)))
    return found
