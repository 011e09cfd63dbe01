"""What people and banks do, over HTTP for tests: the same that the pages' buttons do."""

import json
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from billing.sandbox import deliveries, engine, running
from billing.sandbox.api import paying
from billing.sandbox.api.operations import authorise
from billing.sandbox.errors import ApiError, NoSuchError
from billing.sandbox.store import Object
from billing.sandbox.world import World


def _complete_checkout(
    world: World, session: str, card: str, promotion_code: str = "", delayed: str = ""
) -> Object:
    if promotion_code:
        paying.set_code(world, session, promotion_code)
    return paying.complete(world, session, card, delayed=delayed)


def _set_rules(world: World, **values: Any) -> Object:
    engine.set_rules(world, values)
    return values


ACTS: dict[str, Callable[..., Object]] = {
    "complete_checkout": _complete_checkout,
    "add_card": lambda world, customer, card: paying.add_card(world, customer, card),
    "open_dispute": lambda world, charge, **more: engine.open_dispute(world, charge, **more),
    "close_dispute": lambda world, dispute, won: engine.close_dispute(world, dispute, won),
    "fail_refund": lambda world, refund: engine.fail_refund(world, refund),
    "settle_refund": lambda world, refund: engine.settle_refund(world, refund),
    "settle_payment": lambda world, payment_intent: engine.settle_payment(world, payment_intent),
    "set_rules": _set_rules,
    "roll_secret": lambda world, endpoint, **more: deliveries.roll_secret(world.store, endpoint, **more),
}


@csrf_exempt
@require_POST
def act(request: HttpRequest, name: str) -> HttpResponse:
    """Carry out an act with the members of a JSON object, and answer the object that it is about."""
    world = running.world()
    try:
        authorise(request)
        if name not in ACTS:
            raise NoSuchError("act", name, param="name")
        with world.store.change():
            answer = ACTS[name](world, **json.loads(request.body))
    except ApiError as error:
        return JsonResponse(error.body(), status=error.status)
    return JsonResponse(answer)
