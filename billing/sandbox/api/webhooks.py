"""Webhook endpoints and events."""

from urllib.parse import urlsplit

from billing.sandbox import API_VERSION, deliveries
from billing.sandbox.api import answers
from billing.sandbox.errors import InvalidError
from billing.sandbox.parameters import Params
from billing.sandbox.store import Object
from billing.sandbox.world import World


def create(world: World, params: Params) -> Object:
    """Create an endpoint; this answer alone has its secret."""
    endpoint: Object = {
        "id": world.store.new_id("we"),
        "object": "webhook_endpoint",
        "api_version": params.text("api_version", API_VERSION),
        "application": None,
        "created": world.now(),
        "description": params.text("description"),
        "enabled_events": params.texts("enabled_events"),
        "livemode": False,
        "metadata": params.metadata(),
        "status": "enabled",
        "url": _url(params),
    }
    if not endpoint["enabled_events"]:
        raise params.missing("enabled_events")
    params.boolean("connect")
    secret = deliveries.new_secret()
    world.store.note(endpoint["id"], secret=secret)
    return {**world.store.put(endpoint), "secret": secret}


def change(world: World, params: Params, id: str) -> Object:
    """Change an endpoint: where, what, whether."""
    endpoint = world.store.get("webhook_endpoint", id)
    if params.given("url"):
        endpoint["url"] = _url(params)
    if params.given("enabled_events"):
        endpoint["enabled_events"] = params.texts("enabled_events")
    if params.given("description"):
        endpoint["description"] = params.text("description")
    if params.given("disabled"):
        endpoint["status"] = "disabled" if params.boolean("disabled") else "enabled"
    endpoint["metadata"] = params.metadata(endpoint["metadata"])
    return world.store.put(endpoint)


def delete(world: World, params: Params, id: str) -> Object:
    """Delete an endpoint; what was not delivered to it never will be."""
    return world.store.delete(world.store.get("webhook_endpoint", id))


def list_events(world: World, params: Params) -> Object:
    """List events, by type, time, and whether they have been delivered."""
    types, where = params.texts("types"), ""
    one = params.text("type")
    values = [one] if one else types
    if values:
        one_of = " OR ".join(["json_extract(body, '$.type') GLOB ?"] * len(values))
        where = f" AND ({one_of})"
    if params.given("delivery_success"):
        sign = "=" if params.boolean("delivery_success") else ">"
        where += f" AND json_extract(body, '$.pending_webhooks') {sign} 0"
    return answers.page(world, params, "event", "/v1/events", where=where, values=values)


def _url(params: Params) -> str:
    url = params.required("url")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise InvalidError(
            "Invalid URL: it must begin with http:// or https://.", code="url_invalid", param="url"
        )
    return url
