"""Turns what is kept into what is answered: lists in their envelope, ids expanded where the request asks."""

import json
from collections.abc import Sequence
from typing import Any

from billing.sandbox.errors import InvalidError
from billing.sandbox.parameters import Params
from billing.sandbox.store import Object, Store, conditions
from billing.sandbox.world import World, hidden

Tree = dict[str, Any]


def tree_of(paths: list[str]) -> Tree:
    """Return the paths of `expand` as nested maps."""
    tree: Tree = {}
    for path in paths:
        place = tree
        for name in path.split("."):
            place = place.setdefault(name, {})
    return tree


def expanded(store: Store, value: Any, tree: Tree) -> Any:
    """Return `value` with the ids that `tree` names replaced by their objects, to any depth."""
    if isinstance(value, list):
        return [expanded(store, entry, tree) for entry in value]
    if not isinstance(value, dict):
        return value
    whole = {**value, **_computed(store, value, tree)}
    for name in tree:
        if name not in whole:
            raise InvalidError(f"This property cannot be expanded ({name}).", param="expand")
    left_out = [name for name in hidden(whole) if name not in tree]
    return {
        name: expanded(store, _object(store, name, entry) if name in tree else entry, tree.get(name, {}))
        for name, entry in whole.items()
        if name not in left_out
    }


def _object(store: Store, name: str, value: Any) -> Any:
    if isinstance(value, list):
        return [_object(store, name, entry) for entry in value]
    if not isinstance(value, str):
        return value
    found = store.look(name, value) if name in ("product", "coupon") else None
    found = found or store.anything(value)
    if found is None:
        raise InvalidError(f"This property cannot be expanded ({name}).", param="expand")
    return found


def _computed(store: Store, obj: Object, tree: Tree) -> Object:
    """Return the members that exist only when they are asked for."""
    if obj.get("object") == "customer" and "subscriptions" in tree:
        live = [s for s in store.find("subscription", customer=obj["id"]) if s["status"] != "canceled"]
        return {"subscriptions": envelope(live, f"/v1/customers/{obj['id']}/subscriptions")}
    if obj.get("object") == "charge" and "refunds" in tree:
        refunds = store.find("refund", charge=obj["id"])
        return {"refunds": envelope(refunds, f"/v1/charges/{obj['id']}/refunds")}
    if obj.get("object") == "coupon" and "applies_to" in tree:
        return {"applies_to": obj.get("applies_to")}
    if obj.get("object") == "discount" and "coupon" in tree.get("source", {}):
        found = store.look("coupon", obj["source"]["coupon"]) or store.notes(obj["id"]).get("coupon")
        return {"source": {**obj["source"], "coupon": found}}
    return {}


def envelope(data: list[Object], url: str, *, has_more: bool = False) -> Object:
    """Return a list object."""
    return {"object": "list", "data": data, "has_more": has_more, "url": url}


def page(
    world: World,
    params: Params,
    kind: str,
    url: str,
    *,
    where: str = "",
    values: Sequence[Any] = (),
    **equal: Any,
) -> Object:
    """Return one page of the objects of a kind, newest first, as limit, cursors and `created` say."""
    limit = params.integer("limit", 10, least=1, most=100) or 10
    after, before = params.text("starting_after"), params.text("ending_before")
    held, held_values = conditions(equal)
    sql, given = f" WHERE kind = ?{held}{where}", [kind, *held_values, *values]
    bounds, bound_values = _created(params)
    sql, given = sql + bounds, given + bound_values
    if after is not None:
        sql, given = sql + " AND seq < ?", [*given, _place(world.store, kind, after, "starting_after")]
    if before is not None:
        sql, given = sql + " AND seq > ?", [*given, _place(world.store, kind, before, "ending_before")]
    order = "ASC" if before is not None else "DESC"
    select = f"SELECT body FROM object{sql} ORDER BY seq {order} LIMIT ?"  # noqa: S608  the names are ours
    rows = world.store.query(select, *given, limit + 1)
    data = [json.loads(row["body"]) for row in rows[:limit]]
    return envelope(data[::-1] if before is not None else data, url, has_more=len(rows) > limit)


def _place(store: Store, kind: str, object_id: str, param: str) -> int:
    rows = store.query("SELECT seq FROM object WHERE kind = ? AND id = ?", kind, object_id)
    if not rows:
        store.get(kind, object_id, param=param)
    return int(rows[0]["seq"])


def _created(params: Params) -> tuple[str, list[Any]]:
    """Return the condition that `created` sets: a moment, or bounds named gt, gte, lt and lte."""
    member = "json_extract(body, '$.created')"
    if not isinstance(params.raw("created"), dict):
        moment = params.integer("created")
        return (f" AND {member} = ?", [moment]) if moment is not None else ("", [])
    bounds, sql, values = params.child("created"), "", []
    for name, sign in (("gt", ">"), ("gte", ">="), ("lt", "<"), ("lte", "<=")):
        moment = bounds.integer(name)
        if moment is not None:
            sql += f" AND {member} {sign} ?"
            values.append(moment)
    return sql, values
