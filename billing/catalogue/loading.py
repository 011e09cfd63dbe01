"""Puts a catalogue in force: all of it in one transaction, or nothing."""

from dataclasses import dataclass
from pathlib import Path

from django.db import connection, transaction

from accounts import audit
from accounts.models import User
from billing import free_credits, provisioning
from billing.catalogue.document import Catalogue, PlanFigures
from billing.catalogue.parsing import parse
from billing.catalogue.reading import CatalogueError
from billing.models import AgentPrice, CatalogueVersion, ModelPrice, Plan, PlanTerms, Price, Product
from config.common.clock import now

SHIPPED = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What a load did. `terms`: the versions it published; `withdrawn`: plans no longer offered."""

    catalogue: Catalogue
    changed: bool
    terms: tuple[PlanTerms, ...] = ()
    withdrawn: tuple[str, ...] = ()


def read_source(name_or_path: str) -> str:
    """Return the text of a shipped catalogue by its name, or of the file at a path."""
    shipped = SHIPPED / f"{name_or_path}.toml"
    path = shipped if shipped.parent == SHIPPED and shipped.is_file() else Path(name_or_path)
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError, ValueError) as error:
        names = ", ".join(sorted(file.stem for file in SHIPPED.glob("*.toml")))
        raise CatalogueError(
            name_or_path, f"is neither a catalogue of ours ({names}) nor a readable file"
        ) from error


@transaction.atomic
def load(*, source: str, actor: User | None = None, reason: str = "") -> Loaded:
    """Put the catalogue written in `source` in force; CatalogueError, and nothing changed, for a bad one.

    A plan whose figures differ from its current terms gets a new version; subscribers keep the one they have.
    The same figures again change nothing. Users without a subscription get the free one.
    """
    catalogue = parse(source)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('billing.catalogue'))")
    current = CatalogueVersion.objects.filter(is_current=True).first()
    if current is not None and current.checksum == catalogue.checksum:
        loaded = Loaded(catalogue=catalogue, changed=False)
    else:
        published = _publish(catalogue, source, actor, reason)
        loaded = _replace(catalogue, published)
        if actor is not None:
            before = {"catalogue": str(current) if current else None}
            audit.write(
                act="catalogue.loaded",
                subject=published,
                reason=reason,
                actor=actor,
                before=before,
                after={"catalogue": str(published)},
            )
    provisioning.open_missing_subscriptions()
    free_credits.grant_waiting_allowances()
    return loaded


def _publish(catalogue: Catalogue, source: str, actor: User | None, reason: str) -> CatalogueVersion:
    CatalogueVersion.objects.filter(is_current=True).update(is_current=False)
    return CatalogueVersion.objects.create(
        name=catalogue.name,
        title=catalogue.title,
        checksum=catalogue.checksum,
        source=source,
        tokens_per_credit=catalogue.economics.tokens_per_credit,
        output_weight=catalogue.economics.output_weight,
        rollover_cap=catalogue.economics.rollover_cap,
        loaded_at=now(),
        actor=actor,
        reason=reason,
    )


def _replace(catalogue: Catalogue, version: CatalogueVersion) -> Loaded:
    gone = Plan.objects.filter(is_offered=True).exclude(code__in=[plan.code for plan in catalogue.plans])
    withdrawn = tuple(gone.values_list("code", flat=True))
    gone.update(is_offered=False)
    # The free plan last: while another still is the free one, there would be two.
    published = [_plan(plan, version) for plan in sorted(catalogue.plans, key=lambda plan: plan.is_free)]
    _replace_prices(catalogue)
    _replace_products(catalogue)
    return Loaded(
        catalogue=catalogue,
        changed=True,
        terms=tuple(sorted(filter(None, published), key=lambda terms: terms.plan.rank)),
        withdrawn=withdrawn,
    )


def _plan(figures: PlanFigures, version: CatalogueVersion) -> PlanTerms | None:
    """Store one plan; return its new terms, None where it has these figures already."""
    plan, _ = Plan.objects.update_or_create(
        code=figures.code, defaults={"rank": figures.rank, "is_free": figures.is_free, "is_offered": True}
    )
    current = (
        plan.terms.filter(is_current=True).select_related("catalogue").prefetch_related("prices").first()
    )
    if current is not None and _figures(current) == _wanted(figures, version.rollover_cap):
        return None
    plan.terms.filter(is_current=True).update(is_current=False)
    terms = PlanTerms.objects.create(
        plan=plan,
        version=plan.terms.count() + 1,
        catalogue=version,
        name=figures.name,
        tagline=figures.tagline,
        credits_per_month=figures.credits_per_month,
        trial_days=figures.trial_days,
        trial_credits=figures.trial_credits,
        limits_json=figures.limits.as_json(),
        published_at=version.loaded_at,
    )
    Price.objects.bulk_create(
        Price(terms=terms, interval=interval, amount_cents=cents)
        for interval, cents in _prices(figures).items()
    )
    return terms


def _figures(terms: PlanTerms) -> tuple[object, ...]:
    prices = {price.interval: price.amount_cents for price in terms.prices.all()}
    trial = terms.trial_days, terms.trial_credits
    rollover_cap = terms.catalogue.rollover_cap
    return terms.name, terms.tagline, terms.credits_per_month, trial, rollover_cap, terms.limits, prices


def _wanted(figures: PlanFigures, rollover_cap: int) -> tuple[object, ...]:
    name, prices, trial = figures.name, _prices(figures), (figures.trial_days, figures.trial_credits)
    return name, figures.tagline, figures.credits_per_month, trial, rollover_cap, figures.limits, prices


def _prices(figures: PlanFigures) -> dict[str, int]:
    cents = {Price.Interval.MONTH.value: figures.month_cents, Price.Interval.YEAR.value: figures.year_cents}
    return {interval: amount for interval, amount in cents.items() if amount is not None}


def _replace_prices(catalogue: Catalogue) -> None:
    plans = {plan.code: plan for plan in Plan.objects.filter(is_offered=True)}
    ModelPrice.objects.all().delete()
    ModelPrice.objects.bulk_create(
        ModelPrice(
            name=model.name,
            label=model.label,
            provider=model.provider,
            multiplier=model.multiplier,
            aliases=list(model.aliases),
            usd_in=model.usd_in,
            usd_out=model.usd_out,
            priced_on=model.priced_on,
            position=position,
        )
        for position, model in enumerate(catalogue.models)
    )
    AgentPrice.objects.all().delete()
    AgentPrice.objects.bulk_create(
        AgentPrice(
            name=agent.name,
            minimum_plan=plans[agent.minimum_plan],
            price=agent.price,
            adds_tokens=agent.adds_tokens,
        )
        for agent in catalogue.agents
    )


def _replace_products(catalogue: Catalogue) -> None:
    Product.objects.exclude(code__in=[product.code for product in catalogue.products]).update(
        is_offered=False
    )
    for position, product in enumerate(catalogue.products):
        # A price that Stripe still has at the former amount is not sold any more.
        Product.objects.filter(code=product.code).exclude(price_cents=product.price_cents).update(
            stripe_price_id=None
        )
        Product.objects.update_or_create(
            code=product.code,
            defaults={
                "name": product.name,
                "description": product.description,
                "price_cents": product.price_cents,
                "credits": product.credits,
                "service": product.service,
                "includes_credits": product.includes_credits,
                "is_offered": True,
                "position": position,
            },
        )
