"""Turns the dials over HTTP, for tests."""

import json
from dataclasses import asdict

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from billing.sandbox import running
from billing.sandbox.api.operations import authorise
from billing.sandbox.errors import ApiError


@csrf_exempt
def dials(request: HttpRequest) -> HttpResponse:
    """Answer how the dials stand; POST a JSON object to turn some, DELETE to set all to nothing."""
    turned = running.world().dials
    try:
        authorise(request)
        if request.method == "POST":
            turned.turn(json.loads(request.body))
        elif request.method == "DELETE":
            turned.reset()
    except ApiError as error:
        return JsonResponse(error.body(), status=error.status)
    return JsonResponse(asdict(turned.settings))
