"""The billing portal: what it offers, and the sessions that let a customer in."""

from typing import Any

from billing.sandbox.api import answers
from billing.sandbox.api.resources import held
from billing.sandbox.errors import InvalidError
from billing.sandbox.parameters import Params
from billing.sandbox.store import Object
from billing.sandbox.world import World

KIND = "billing_portal.configuration"
MODES = ("at_period_end", "immediately")
REASONS = (
    "customer_service", "low_quality", "missing_features", "other", "switched_service", "too_complex",
    "too_expensive", "unused",
)  # fmt: skip


def create_configuration(world: World, params: Params) -> Object:
    """Create a configuration; the first one is the default."""
    now = world.now()
    configuration: Object = {
        "id": world.store.new_id("bpc"),
        "object": KIND,
        "active": True,
        "application": None,
        "business_profile": {"headline": None, "privacy_policy_url": None, "terms_of_service_url": None},
        "created": now,
        "default_return_url": None,
        "features": _no_features(),
        "is_default": not world.store.find(KIND),
        "livemode": False,
        "login_page": {"enabled": False, "url": None},
        "metadata": {},
        "name": None,
        "updated": now,
    }
    _fill(configuration, params)
    if not any(feature["enabled"] for feature in configuration["features"].values()):
        raise InvalidError("You must enable at least one feature.", param="features")
    world.store.put(configuration)
    world.emit("billing_portal.configuration.created", configuration)
    return configuration


def change_configuration(world: World, params: Params, id: str) -> Object:
    """Change a configuration."""
    configuration = world.store.get(KIND, id)
    configuration["active"] = params.boolean("active", configuration["active"])
    _fill(configuration, params)
    if configuration != world.store.get(KIND, id):
        configuration["updated"] = world.now()
    return world.update(configuration, "billing_portal.configuration.updated")


def list_configurations(world: World, params: Params) -> Object:
    """List configurations."""
    url = "/v1/billing_portal/configurations"
    return answers.page(world, params, KIND, url, **held(params, "active", "is_default"))


def create_session(world: World, params: Params) -> Object:
    """Open the portal to a customer, for an hour."""
    customer = world.store.get("customer", params.required("customer"), param="customer")
    configuration = _configuration(world, params.text("configuration"))
    session: Object = {
        "id": world.store.new_id("bps"),
        "object": "billing_portal.session",
        "configuration": configuration["id"],
        "created": world.now(),
        "customer": customer["id"],
        "customer_account": None,
        "flow": None,
        "livemode": False,
        "locale": None,
        "on_behalf_of": None,
        "return_url": params.text("return_url") or configuration["default_return_url"],
        "url": "",
    }
    session["url"] = world.url(f"/portal/{session['id']}")
    world.emit("billing_portal.session.created", session)
    return world.store.put(session)


def _configuration(world: World, configuration_id: str | None) -> Object:
    if configuration_id:
        return world.store.get(KIND, configuration_id, param="configuration")
    default = world.store.find(KIND, is_default=True)
    if not default:
        raise InvalidError(
            "No configuration provided and your test mode default configuration has not been created.",
            param="configuration",
        )
    return default[0]


def _no_features() -> dict[str, Any]:
    reason: Object = {"enabled": False, "options": []}
    return {
        "customer_update": {"allowed_updates": [], "enabled": False},
        "invoice_history": {"enabled": False},
        "payment_method_update": {"enabled": False, "payment_method_configuration": None},
        "subscription_cancel": {
            "cancellation_reason": reason,
            "enabled": False,
            "mode": "at_period_end",
            "proration_behavior": "none",
        },
        "subscription_update": {
            "billing_cycle_anchor": None,
            "default_allowed_updates": [],
            "enabled": False,
            "products": [],
            "proration_behavior": "none",
            "schedule_at_period_end": {"conditions": []},
            "trial_update_behavior": "end_trial",
        },
    }


def _fill(configuration: Object, params: Params) -> None:
    profile = params.child("business_profile")
    for name in configuration["business_profile"]:
        if profile.given(name):
            configuration["business_profile"][name] = profile.text(name)
    for name in ("default_return_url", "name"):
        if params.given(name):
            configuration[name] = params.text(name)
    configuration["metadata"] = params.metadata(configuration["metadata"])
    _fill_features(configuration["features"], params.child("features"))


def _fill_features(features: Object, params: Params) -> None:
    """Switch the features that the portal's pages have; changing the plan there is not one of them."""
    for name in ("customer_update", "invoice_history", "payment_method_update", "subscription_cancel"):
        feature = params.child(name)
        features[name]["enabled"] = feature.boolean("enabled", features[name]["enabled"])
        if name == "customer_update" and feature.given("allowed_updates"):
            features[name]["allowed_updates"] = feature.texts("allowed_updates")
        if name == "subscription_cancel":
            features[name]["mode"] = feature.choice("mode", MODES, features[name]["mode"])
            features[name]["proration_behavior"] = feature.choice(
                "proration_behavior", ("none",), features[name]["proration_behavior"]
            )
            _fill_reason(features[name], feature.child("cancellation_reason"))
    if params.child("subscription_update").boolean("enabled"):
        message = "The sandbox's portal does not change plans: the studio does."
        raise InvalidError(message, param="features[subscription_update][enabled]")


def _fill_reason(cancel: Object, params: Params) -> None:
    if not params:
        return
    unknown = set(params.texts("options")) - set(REASONS)
    if unknown:
        raise InvalidError(f"Invalid cancellation reasons: {', '.join(sorted(unknown))}")
    cancel["cancellation_reason"] = {
        "enabled": params.boolean("enabled"),
        "options": params.texts("options"),
    }
