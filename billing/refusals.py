"""The words of a refusal: what the plan carries, what there is, and which plan would do."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from billing.amounts import count, dollars, size
from billing.limits import FEATURES, LIMITS, Kind, LimitWords


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A plan that would allow what was refused. `month_cents` is 0 when free and None on request."""

    code: str
    name: str
    month_cents: int | None

    @property
    def price(self) -> str:
        """The price in words."""
        if self.month_cents is None:
            return "at a price the operator of this studio names"
        return f"for {dollars(self.month_cents)} a month" if self.month_cents else "for free"

    def as_json(self) -> dict[str, Any]:
        """Return what the API says of it."""
        return {"code": self.code, "name": self.name, "price_usd_cents": self.month_cents}


def limit_message(
    *,
    plan: str,
    limit: str,
    used: int,
    adding: int,
    allowed: int,
    offer: Offer | None,
    more: int | None,
    resets_at: datetime | None,
) -> str:
    """Say that `limit` is reached on `plan`; `more` is what `offer` carries, None without end."""
    words = LIMITS[limit]
    said = [_state(plan, words, used, adding, allowed)]
    if resets_at and words.kind is Kind.MONTHLY:
        said.append(f"The count starts again on {resets_at:%-d %B}.")
    said.append(offer_message(limit=limit, offer=offer, more=more) if offer else "No plan allows more.")
    return " ".join(said)


def offer_message(*, limit: str, offer: Offer, more: int | None) -> str:
    """Say that `offer` carries `more` of `limit`, None without end, and for how much."""
    words = LIMITS[limit]
    if more is None:
        return f"{offer.name} sets no limit, {offer.price}."
    return f"{offer.name} {_VERBS[words.kind]} {_amount(words, more)}, {offer.price}."


def feature_message(*, plan: str, feature: str, offer: Offer | None) -> str:
    """Say that `plan` does not include `feature`."""
    label = FEATURES[feature]
    name = label if label.split()[0].isupper() else label[0].lower() + label[1:]
    return _without(plan, name, offer)


def model_message(*, plan: str, model: str, offer: Offer | None) -> str:
    """Say that `plan` does not include `model`."""
    return _without(plan, model, offer)


def agent_message(*, plan: str, agent: str, offer: Offer | None) -> str:
    """Say that `plan` does not include `agent`."""
    return _without(plan, f"the agent {agent}", offer)


_VERBS = {
    Kind.HELD: "carries",
    Kind.MONTHLY: "carries",
    Kind.EACH: "allows",
    Kind.DAYS: "keeps them",
    Kind.CONCURRENT: "runs",
    Kind.HOURLY: "allows",
}


def _without(plan: str, name: str, offer: Offer | None) -> str:
    instead = f"{offer.name} does, {offer.price}." if offer else "No other plan here does."
    return f"{plan} does not include {name}. {instead}"


def _amount(words: LimitWords, number: int) -> str:
    return size(number) if words.in_bytes else count(number)


def _things(words: LimitWords, number: int) -> str:
    """Return a number of the limit's things: 1 project, 3 000 words, 5 MB."""
    if words.in_bytes:
        return size(number)
    return f"{count(number)} {words.one if number == 1 else words.many}"


def _state(plan: str, words: LimitWords, used: int, adding: int, allowed: int) -> str:
    carried, there = _things(words, allowed), _amount(words, used)
    if words.kind is Kind.EACH:
        return f"{plan} allows {carried} {words.within}, and this has {_amount(words, used + adding)}."
    if words.kind is Kind.DAYS:
        return f"{plan} keeps versions for {carried}, and this is {_amount(words, used + adding)} old."
    if words.kind is Kind.CONCURRENT:
        return f"{plan} runs {carried} at once, and {there} {'is' if used == 1 else 'are'} running."
    if words.kind is Kind.HOURLY:
        return f"{plan} allows {carried} an hour, and you have made {there}."
    if words.kind is Kind.MONTHLY:
        return f"{plan} carries {carried} a month, and you have used {there}{_and_adds(words, adding)}."
    held = f"{carried} {words.within}".rstrip()
    return f"{plan} carries {held}, and you have {there}{_and_adds(words, adding)}."


def _and_adds(words: LimitWords, adding: int) -> str:
    """Mention what is being added where it is not simply one more."""
    return f"; this adds {_amount(words, adding)}" if adding > 1 else ""
