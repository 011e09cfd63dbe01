"""Brings what the catalogue sells to Stripe: products and prices, again and again to the same end."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from json import dumps
from typing import Any
from uuid import uuid4

from djstripe.models import Customer

from billing.models import Plan, PlanTerms, Price, Product
from billing.stripe import gateway, mirror
from billing.stripe.shapes import metadata_of
from config.common.clock import now

CURRENCY = "usd"


@dataclass(slots=True)
class Work:
    """One run at Stripe: does what it is told to, and remembers what that was, in lines for people."""

    done: list[str] = field(default_factory=list)
    _run: str = field(default_factory=lambda: uuid4().hex)
    _drawn: int = field(default_factory=mirror.draw)

    def make(self, what: str, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        """Make an object; a run that was cut off here is taken up by the next, which makes no second one."""
        digest = sha256(dumps(parameters, sort_keys=True).encode()).hexdigest()[:32]
        made = gateway.make(operation=operation, key=f"setup:{operation}:{digest}", parameters=parameters)
        self.done.append(f"Made {what}: {made['id']}.")
        return made

    def change(self, what: str, operation: str, target: str, parameters: dict[str, Any]) -> dict[str, Any]:
        """Change an object that differs from what it should be."""
        key = f"setup:{self._run}:{operation}:{target}"
        changed = gateway.request(operation=operation, key=key, target=target, parameters=parameters)
        self.done.append(f"Changed {what}: {target}.")
        return changed

    def keep(self, shape: dict[str, Any]) -> None:
        """Keep the copy of an object that this run listed, made or changed, unless a later one is here."""
        mirror.take(shape, drawn=self._drawn)


def bring(work: Work) -> None:
    """Have Stripe sell what the catalogue in force sells, and nothing else of ours.

    A price of another amount is a new price; the former one is archived, which keeps it for who pays it.
    """
    products = {shape["id"]: shape for shape in gateway.list_all("product")}
    prices = {shape["id"]: shape for shape in gateway.list_all("price")}
    _forget_another_account(work, products)
    sold: set[str] = set()
    for terms in (
        PlanTerms.objects.offered().filter(prices__isnull=False).distinct().prefetch_related("prices")
    ):
        product = _product(work, products, terms.plan, "atelier_plan", terms.name, terms.tagline)
        sold |= {_plan_price(work, prices, product, terms, price) for price in terms.prices.all()}
    for thing in Product.objects.filter(is_offered=True):
        product = _product(work, products, thing, "atelier_product", thing.name, thing.description)
        sold.add(_one_time_price(work, prices, product, thing))
    _archive(work, prices, sold)


def unsold() -> list[str]:
    """Return the names of what is on sale here and unknown to Stripe: nobody can buy it."""
    terms = PlanTerms.objects.offered().filter(prices__stripe_id__isnull=True, prices__isnull=False)
    things = Product.objects.filter(is_offered=True, stripe_price_id__isnull=True)
    return [*terms.distinct().values_list("name", flat=True), *things.values_list("name", flat=True)]


def _product(
    work: Work, there: dict[str, Any], row: Plan | Product, mark: str, name: str, description: str
) -> str:
    wanted = {"name": name, "description": description}
    metadata = {mark: row.code}
    shape = there.get(row.stripe_id or "") or next(_marked(there, metadata), None)
    if shape is None:
        shape = work.make(f"the product {name}", "product.create", {**wanted, "metadata": metadata})
    wanted_now = {**wanted, "active": True}
    if any(shape.get(key) != value for key, value in wanted_now.items()):
        shape = work.change(f"the product {name}", "product.update", shape["id"], wanted_now)
    _remember(row, stripe_id=shape["id"])
    work.keep(shape)
    return str(shape["id"])


def _plan_price(work: Work, there: dict[str, Any], product: str, terms: PlanTerms, price: Price) -> str:
    figures = {
        "product": product,
        "unit_amount": price.amount_cents,
        "currency": CURRENCY,
        "recurring": {"interval": price.interval},
    }
    metadata = {"atelier_price": str(price.pk), "atelier_plan": terms.plan.code}
    shape = _price(work, there, price.stripe_id, figures, metadata, f"{terms}, {price}")
    _remember(price, stripe_id=shape["id"])
    return str(shape["id"])


def _one_time_price(work: Work, there: dict[str, Any], product: str, thing: Product) -> str:
    figures = {"product": product, "unit_amount": thing.price_cents, "currency": CURRENCY}
    shape = _price(
        work, there, thing.stripe_price_id, figures, {"atelier_product": thing.code}, f"{thing} once"
    )
    _remember(thing, stripe_price_id=shape["id"])
    return str(shape["id"])


def _price(
    work: Work,
    there: dict[str, Any],
    known: str | None,
    figures: dict[str, Any],
    metadata: dict[str, str],
    name: str,
) -> dict[str, Any]:
    fitting = [shape for shape in _marked(there, metadata) if _costs(shape, figures)]
    shape = there.get(known or "") or next(iter(fitting), None)
    if shape is None or not _costs(shape, figures):
        asked = {**figures, "nickname": name, "metadata": metadata}
        shape = next(iter(fitting), None) or work.make(f"the price {name}", "price.create", asked)
    if not shape["active"]:
        shape = work.change(f"the price {name}", "price.update", shape["id"], {"active": True})
    work.keep(shape)
    return dict(shape)


def _costs(shape: dict[str, Any], figures: dict[str, Any]) -> bool:
    """Tell whether a price is of that product, amount and interval; nothing of these ever changes."""
    interval = (shape.get("recurring") or {}).get("interval")
    wanted = (figures.get("recurring") or {}).get("interval")
    same = all(shape[key] == figures[key] for key in ("product", "unit_amount", "currency"))
    return same and interval == wanted


def _marked(there: dict[str, Any], metadata: dict[str, str]) -> Iterator[dict[str, Any]]:
    return (shape for shape in there.values() if metadata.items() <= metadata_of(shape).items())


def _archive(work: Work, prices: dict[str, Any], sold: set[str]) -> None:
    """Archive what is no longer sold of ours; prices of others in the same account are not touched."""
    ours = {"atelier_price", "atelier_product"}
    for shape in prices.values():
        if shape["active"] and shape["id"] not in sold and ours & metadata_of(shape).keys():
            name = shape.get("nickname") or shape["id"]
            work.keep(work.change(f"the price {name}", "price.update", shape["id"], {"active": False}))


def _forget_another_account(work: Work, products: dict[str, Any]) -> None:
    """Forget what another account of Stripe called ours: after a change of keys nothing of it is there."""
    plans = Plan.objects.filter(stripe_id__isnull=False).values_list("stripe_id", flat=True)
    things = Product.objects.filter(stripe_id__isnull=False).values_list("stripe_id", flat=True)
    known = {*plans, *things}
    if not known or known & products.keys():
        return
    Plan.objects.update(stripe_id=None)
    Price.objects.update(stripe_id=None)
    Product.objects.update(stripe_id=None, stripe_price_id=None)
    Customer.objects.filter(subscriber__isnull=False).update(subscriber=None, date_purged=now())
    work.done.append("Forgot the ids of another account.")


def _remember(row: Plan | Price | Product, **ids: str) -> None:
    if any(getattr(row, name) != value for name, value in ids.items()):
        for name, value in ids.items():
            setattr(row, name, value)
        row.save(update_fields=list(ids))
