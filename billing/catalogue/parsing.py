"""From a TOML text to a Catalogue, refusing every file that is not one."""

import tomllib
from collections.abc import Container
from decimal import Decimal
from math import ceil
from typing import Any

from billing.catalogue.document import (
    AgentFigures,
    Catalogue,
    Costs,
    Economics,
    ModelFigures,
    PlanFigures,
    ProductFigures,
)
from billing.catalogue.reading import CatalogueError, Table, refuse_duplicates
from billing.limits import FEATURES, GIBIBYTE, LIMITS, MEBIBYTE, MODERATION, MOST, Limits

UNLIMITED = "unlimited"
LONGEST_TRIAL = 730
"""Days; Stripe allows no longer one."""
_SCALED = {"storage_gb": ("storage_bytes", GIBIBYTE), "file_mb": ("file_bytes", MEBIBYTE)}
_WRITTEN = {name: (name, 1) for name in LIMITS if name not in {"storage_bytes", "file_bytes"}} | _SCALED


def parse(source: str) -> Catalogue:
    """Return the catalogue that `source` writes down; CatalogueError names the key that is wrong."""
    try:
        data = tomllib.loads(source, parse_float=Decimal)
    except (ValueError, ArithmeticError, RecursionError) as error:
        raise CatalogueError("catalogue", f"is not TOML: {error}") from error
    return read(data)


def read(data: Any) -> Catalogue:
    """Return the catalogue that the parsed `data` holds; CatalogueError names the key that is wrong."""
    top = Table(data)
    ladder = top.codes("ladder")
    models = tuple(_model(table) for table in top.tables("models", named_by="name"))
    plans = _plans(top.tables("plans", named_by="code"), ladder, {model.name for model in models})
    catalogue = Catalogue(
        name=top.code("name"),
        title=top.text("title"),
        economics=_economics(top.table("economics")),
        plans=plans,
        products=tuple(_product(table) for table in top.tables("products", named_by="code", default=())),
        models=models,
        agents=_agents(top.table("agents"), ladder, plans),
        costs=_costs(top.table("costs")),
    )
    top.done()
    refuse_duplicates(
        [model.name for model in models] + [alias for model in models for alias in model.aliases], "models"
    )
    return catalogue


def _economics(table: Table) -> Economics:
    economics = Economics(
        tokens_per_credit=table.integer("tokens_per_credit", least=1),
        output_weight=table.number("output_weight", positive=True, most=1000, places=3),
        rollover_cap=table.integer("rollover_cap", least=0),
    )
    table.done()
    return economics


def _plans(tables: list[Table], ladder: tuple[str, ...], models: set[str]) -> tuple[PlanFigures, ...]:
    if not tables:
        raise CatalogueError("plans", "is empty")
    limits = _spoken_of(tables, "limits")
    features = _spoken_of(tables, "features")
    plans = tuple(_plan(table, ladder, models, limits, features) for table in tables)
    if sum(plan.is_free for plan in plans) != 1:
        raise CatalogueError("plans", "needs exactly one free plan")
    return tuple(sorted(plans, key=lambda plan: plan.rank))


def _spoken_of(tables: list[Table], part: str) -> set[str]:
    """Return the keys that any plan gives a figure for: then every plan must."""
    keys: set[str] = set()
    for table in tables:
        value = table.peek(part)
        keys |= set(value) if isinstance(value, dict) else set()
    return keys


def _plan(
    table: Table, ladder: tuple[str, ...], models: set[str], limits: set[str], features: set[str]
) -> PlanFigures:
    code = table.code("code")
    if code not in ladder:
        raise CatalogueError(table.at("code"), "is not on the ladder")
    is_free, month, year = _price(table)
    credits_per_month = _credits(table)
    metered = credits_per_month is not None
    days, trial_credits = _trial(table, has_price=month is not None, metered=metered)
    plan = PlanFigures(
        code=code,
        name=table.text("name", most=40),
        tagline=table.text("tagline", most=120),
        rank=ladder.index(code),
        is_free=is_free,
        month_cents=month,
        year_cents=year,
        credits_per_month=credits_per_month,
        trial_days=days,
        trial_credits=trial_credits,
        limits=Limits(
            models=_models_of_plan(table, models),
            moderation=table.one_of("moderation", MODERATION, default="standard"),
            **_counts(table.table("limits"), limits),
            **_switches(table.table("features"), features),
        ),
    )
    table.done()
    return plan


def _price(table: Table) -> tuple[bool, int | None, int | None]:
    """Return (free, cents a month, cents a year)."""
    value = table.take("price")
    if isinstance(value, str):
        if value not in {"free", "on request"}:
            raise CatalogueError(table.at("price"), 'must be a table of cents, "free" or "on request"')
        return value == "free", None, None
    price = Table(value, table.at("price"))
    cents = price.integer("month_cents", least=1), price.integer("year_cents", least=1)
    price.done()
    return False, *cents


def _credits(table: Table) -> int | None:
    if table.peek("credits_per_month") == "not metered":
        table.take("credits_per_month")
        return None
    return table.integer("credits_per_month", least=1)


def _trial(table: Table, *, has_price: bool, metered: bool) -> tuple[int, int]:
    """Return (days, credits); a plan that says nothing of a trial has none."""
    days = table.integer("trial_days", least=0, most=LONGEST_TRIAL, default=0)
    credits = table.integer("trial_credits", least=0, default=0)
    if days and not has_price:
        raise CatalogueError(table.at("trial_days"), "needs a plan with a price")
    if credits and not (days and metered):
        raise CatalogueError(table.at("trial_credits"), "needs trial_days and a plan that credits meter")
    return days, credits


def _models_of_plan(table: Table, listed: set[str]) -> tuple[str, ...] | None:
    if table.peek("models") == "all":
        table.take("models")
        return None
    names = table.codes("models")
    for place, name in enumerate(names):
        if name not in listed:
            raise CatalogueError(f"{table.at('models')}[{place}]", f"there is no model called {name}")
    return names


def _counts(table: Table, keys: set[str]) -> dict[str, Any]:
    _refuse_unknown(table, keys, _WRITTEN)
    counts: dict[str, int | None] = {}
    for key in sorted(keys & _WRITTEN.keys()):
        name, scale = _WRITTEN[key]
        unlimited = table.peek(key) == UNLIMITED
        counts[name] = None if unlimited else table.integer(key, least=0, most=MOST // scale) * scale
    return counts


def _switches(table: Table, keys: set[str]) -> dict[str, Any]:
    _refuse_unknown(table, keys, FEATURES)
    return {key: table.boolean(key) for key in sorted(keys & FEATURES.keys())}


def _refuse_unknown(table: Table, keys: set[str], known: Container[str]) -> None:
    """Refuse an unknown key where it stands, not in the plans that lack it."""
    for key in sorted(keys):
        if key not in known and table.has(key):
            raise CatalogueError(table.at(key), "is not known here")


def _product(table: Table) -> ProductFigures:
    code = table.code("code")
    is_pack = table.has("credits")
    if is_pack:
        for key in ("service", "includes_credits"):
            if table.has(key):
                raise CatalogueError(table.at(key), "is not for a pack of credits")
    product = ProductFigures(
        code=code,
        name=table.text("name"),
        description=table.text("description", most=200),
        price_cents=table.integer("price_cents", least=1),
        credits=table.integer("credits", least=1) if is_pack else None,
        service="" if is_pack else table.code("service", default=code),
        includes_credits=table.integer("includes_credits", least=0, default=0),
    )
    table.done()
    return product


def _model(table: Table) -> ModelFigures:
    model = ModelFigures(
        name=table.code("name"),
        label=table.text("label"),
        provider=table.code("provider"),
        multiplier=table.number("multiplier", positive=True, most=1000, places=3),
        usd_in=table.number("usd_in"),
        usd_out=table.number("usd_out"),
        priced_on=table.day("priced_on"),
        aliases=table.codes("aliases", default=()),
    )
    table.done()
    return model


def _agents(
    table: Table, ladder: tuple[str, ...], plans: tuple[PlanFigures, ...]
) -> tuple[AgentFigures, ...]:
    share = table.number("share", most=1000, places=3)
    least = table.integer("least", least=0)
    adds_tokens = table.boolean("adds_tokens")
    agents = tuple(
        _agent(row, ladder, plans, share, least, adds_tokens)
        for row in table.tables("list", named_by="name", default=())
    )
    table.done()
    return agents


def _agent(
    table: Table,
    ladder: tuple[str, ...],
    plans: tuple[PlanFigures, ...],
    share: Decimal,
    least: int,
    adds_tokens: bool,
) -> AgentFigures:
    """Return an agent at its share of the base price, rounded up to a whole credit."""
    wanted = table.one_of("minimum_plan", ladder)
    enough = [plan.code for plan in plans if plan.rank >= ladder.index(wanted)]
    if not enough:
        raise CatalogueError(table.at("minimum_plan"), f"no plan here is {wanted} or above")
    base = table.integer("base_price", least=1, most=10**9)
    agent = AgentFigures(
        name=table.code("name"),
        minimum_plan=enough[0],
        price=max(least, ceil(base * share)),
        adds_tokens=adds_tokens,
    )
    table.done()
    return agent


def _costs(table: Table) -> Costs:
    costs = Costs(
        since=table.day("since"),
        input_share=table.number("input_share", most=1, places=3),
        embedding_per_1000_tokens=table.number("embedding_per_1000_tokens", places=8),
        storage_per_gb_month=table.number("storage_per_gb_month"),
        bandwidth_per_gb=table.number("bandwidth_per_gb"),
    )
    table.done()
    return costs
