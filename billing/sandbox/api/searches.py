"""Search: `metadata['key']:'value' AND status:'active'`, over what the sandbox has."""

import json
import re
from typing import Any

from billing.sandbox.api.resources import Handler
from billing.sandbox.errors import InvalidError
from billing.sandbox.parameters import Params
from billing.sandbox.store import Object
from billing.sandbox.world import World

_CLAUSE = re.compile(
    r"""\s*(?P<no>-?)(?P<field>[a-z_.]+)(?:\[(?P<q>["'])(?P<key>.*?)(?P=q)\])?\s*"""
    r"""(?P<sign>:|<=|>=|<|>)\s*(?:(?P<v>["'])(?P<text>.*?)(?P=v)|(?P<number>-?\d+)|(?P<null>null))\s*"""
)
_SIGNS = {":": "=", "<": "<", ">": ">", "<=": "<=", ">=": ">="}


def searching(kind: str, url: str) -> Handler:
    """Return the handler that searches a kind. Stripe finds what is a minute old; this one all."""

    def handler(world: World, params: Params) -> Object:
        where, values = _where(params.required("query"))
        limit = params.integer("limit", 10, least=1, most=100) or 10
        offset = params.integer("page", 0, least=0) or 0
        sql = f"SELECT body FROM object WHERE kind = ? AND {where} ORDER BY seq DESC LIMIT ? OFFSET ?"  # noqa: S608
        rows = world.store.query(sql, kind, *values, limit + 1, offset)
        return {
            "object": "search_result",
            "data": [json.loads(row["body"]) for row in rows[:limit]],
            "has_more": len(rows) > limit,
            "next_page": str(offset + limit) if len(rows) > limit else None,
            "url": url,
        }

    return handler


def _where(query: str) -> tuple[str, list[Any]]:
    """Return the condition and values of a query: clauses joined by AND, or by OR, never by both."""
    words = re.split(r"\s(AND|OR)\s", query, flags=re.IGNORECASE)
    joints = {word.upper() for word in words[1::2]}
    if len(joints) > 1:
        raise InvalidError("AND and OR cannot be combined in one query.", param="query")
    conditions, values = [], []
    for clause in words[::2]:
        condition, value = _condition(clause, query)
        conditions.append(condition)
        values += value
    joint = joints.pop() if joints else "AND"
    return f"({f' {joint} '.join(conditions)})", values


def _condition(clause: str, query: str) -> tuple[str, list[Any]]:
    match = _CLAUSE.fullmatch(clause)
    if match is None:
        raise InvalidError(f"We were unable to parse your search query: {query}", param="query")
    path = f"$.{match['field']}" + (f'."{match["key"]}"' if match["key"] else "")
    member, sign = "json_extract(body, ?)", _SIGNS[match["sign"]]
    if match["null"]:
        return f"{member} IS {'NOT ' if match['no'] else ''}NULL", [path]
    value = int(match["number"]) if match["number"] else match["text"]
    condition = f"coalesce({member} {sign} ?, 0)"
    return (f"NOT {condition}" if match["no"] else condition), [path, value]
