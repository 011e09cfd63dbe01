"""Products and their prices."""

from decimal import Decimal, InvalidOperation

from billing.sandbox.api import answers
from billing.sandbox.api.resources import held
from billing.sandbox.errors import InvalidError
from billing.sandbox.parameters import Params
from billing.sandbox.store import Object
from billing.sandbox.world import World

INTERVALS = ("day", "week", "month", "year")


def create_product(world: World, params: Params) -> Object:
    """Create a product, with a price of its own where `default_price_data` describes one."""
    product_id = params.text("id") or world.store.new_id("prod")
    if world.store.look("product", product_id):
        raise InvalidError(
            f"Product already exists: {product_id}", code="resource_already_exists", param="id"
        )
    now = world.now()
    product: Object = {
        "id": product_id,
        "object": "product",
        "active": True,
        "created": now,
        "default_price": None,
        "description": None,
        "images": [],
        "livemode": False,
        "marketing_features": [],
        "metadata": {},
        "name": params.required("name"),
        "package_dimensions": None,
        "shippable": None,
        "statement_descriptor": None,
        "tax_code": None,
        "type": "service",
        "unit_label": None,
        "updated": now,
        "url": None,
    }
    _fill_product(product, params)
    world.store.put(product)
    price_data = params.child("default_price_data")
    if price_data:
        product["default_price"] = _price(world, price_data, product_id)["id"]
        world.store.put(product)
    world.emit("product.created", product)
    return product


def change_product(world: World, params: Params, id: str) -> Object:
    """Change a product."""
    product = world.store.get("product", id)
    if params.given("name"):
        product["name"] = params.required("name")
    if params.given("default_price"):
        product["default_price"] = params.text("default_price")
    _fill_product(product, params)
    if product != world.store.get("product", id):
        product["updated"] = world.now()
    return world.update(product, "product.updated")


def delete_product(world: World, params: Params, id: str) -> Object:
    """Delete a product that has no price."""
    product = world.store.get("product", id)
    if world.store.find("price", product=id):
        raise InvalidError("This product cannot be deleted because it has one or more user-created prices.")
    world.emit("product.deleted", product)
    return world.store.delete(product)


def list_products(world: World, params: Params) -> Object:
    """List products."""
    ids = params.texts("ids")
    where = f" AND id IN ({','.join('?' * len(ids))})" if ids else ""
    return answers.page(
        world, params, "product", "/v1/products", where=where, values=ids, **held(params, "active", "type")
    )


def list_features(world: World, params: Params, id: str) -> Object:
    """List the entitlement features of a product: the studio keeps its own, so there are none."""
    world.store.get("product", id)
    return answers.page(world, params, "product_feature", f"/v1/products/{id}/features")


def _fill_product(product: Object, params: Params) -> None:
    product["active"] = params.boolean("active", product["active"])
    for name in ("description", "statement_descriptor", "unit_label", "url"):
        if params.given(name):
            product[name] = params.text(name)
    if params.given("marketing_features"):
        product["marketing_features"] = [
            {"name": feature.required("name")} for feature in params.children("marketing_features")
        ]
    if params.given("images"):
        product["images"] = params.texts("images")
    product["metadata"] = params.metadata(product["metadata"])


def create_price(world: World, params: Params) -> Object:
    """Create a price of a product that exists, or of one that `product_data` describes."""
    product_id = params.text("product")
    if product_id is None:
        data = params.child("product_data")
        if not data:
            raise params.missing("product")
        product_id = create_product(world, data)["id"]
    world.store.get("product", product_id, param="product")
    return _price(world, params, product_id)


def change_price(world: World, params: Params, id: str) -> Object:
    """Change what may change about a price: never its amount."""
    price = world.store.get("price", id)
    price["active"] = params.boolean("active", price["active"])
    if params.given("nickname"):
        price["nickname"] = params.text("nickname")
    if params.given("lookup_key"):
        price["lookup_key"] = _lookup_key(world, params)
    price["metadata"] = params.metadata(price["metadata"])
    return world.update(price, "price.updated")


def list_prices(world: World, params: Params) -> Object:
    """List prices."""
    keys = params.texts("lookup_keys")
    where = f" AND json_extract(body, '$.lookup_key') IN ({','.join('?' * len(keys))})" if keys else ""
    equal = held(params, "active", "product", "type", "currency")
    recurring = params.child("recurring")
    equal.update({f"recurring__{name}": value for name, value in held(recurring, "interval").items()})
    return answers.page(world, params, "price", "/v1/prices", where=where, values=keys, **equal)


def _price(world: World, params: Params, product_id: str) -> Object:
    amount, recurring = _amount(params), _recurring(params)
    price: Object = {
        "id": world.store.new_id("price"),
        "object": "price",
        "active": params.boolean("active", True),
        "billing_scheme": "per_unit",
        "created": world.now(),
        "currency": params.required("currency").lower(),
        "custom_unit_amount": None,
        "livemode": False,
        "lookup_key": _lookup_key(world, params),
        "metadata": params.metadata(),
        "nickname": params.text("nickname"),
        "product": product_id,
        "recurring": recurring,
        "tax_behavior": params.choice(
            "tax_behavior", ("inclusive", "exclusive", "unspecified"), "unspecified"
        ),
        "tiers_mode": None,
        "transform_quantity": None,
        "type": "recurring" if recurring else "one_time",
        "unit_amount": amount,
        "unit_amount_decimal": str(amount),
    }
    world.store.put(price)
    world.emit("price.created", price)
    return price


def _amount(params: Params) -> int:
    amount = params.integer("unit_amount", least=0)
    if amount is not None:
        return amount
    text = params.required("unit_amount_decimal") if params.given("unit_amount_decimal") else None
    try:
        value = Decimal(text) if text is not None else None
    except InvalidOperation:
        value = None
    if value is None or value != int(value) or value < 0:
        raise params.missing("unit_amount")
    return int(value)


def _recurring(params: Params) -> Object | None:
    recurring = params.child("recurring")
    if not recurring:
        return None
    interval = recurring.choice("interval", INTERVALS)
    if interval is None:
        raise recurring.missing("interval")
    return {
        "interval": interval,
        "interval_count": recurring.integer("interval_count", 1, least=1),
        "meter": None,
        "trial_period_days": None,
        "usage_type": recurring.choice("usage_type", ("licensed",), "licensed"),
    }


def _lookup_key(world: World, params: Params) -> str | None:
    """Return the lookup key, taken from the price that has it where the request says so."""
    key, transfer = params.text("lookup_key"), params.boolean("transfer_lookup_key")
    for price in world.store.find("price", lookup_key=key) if key else []:
        if not transfer:
            raise InvalidError(
                f"A price (`{price['id']}`) already uses that lookup key.",
                code="resource_already_exists",
                param="lookup_key",
            )
        price["lookup_key"] = None
        world.update(price, "price.updated")
    return key
