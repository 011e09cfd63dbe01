"""Money that moved: charges, refunds, disputes."""

from billing.sandbox import engine
from billing.sandbox.api import answers
from billing.sandbox.parameters import Params
from billing.sandbox.store import Object
from billing.sandbox.world import World


def refund(world: World, params: Params) -> Object:
    """Give money back."""
    return engine.refund(world, params.everything())


def refunds_of_charge(world: World, params: Params, id: str) -> Object:
    """List the refunds of a charge."""
    world.store.get("charge", id)
    return answers.page(world, params, "refund", f"/v1/charges/{id}/refunds", charge=id)


def close_dispute(world: World, params: Params, id: str) -> Object:
    """Accept a dispute: it is lost."""
    return engine.close_dispute(world, id, False)
