"""A view whose effects can be counted, and its route."""

import threading

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.idempotency import idempotency_key, idempotent
from accounts.services.avatars import create_avatar
from config.common.errors import PaymentRequired

started = threading.Event()
"""Set by every run of the handler."""

gate = threading.Event()
"""Open unless a test holds the handler back."""

gate.set()


class EffectView(APIView):
    """Makes an avatar for every effect."""

    @idempotent
    def post(self, request: Request) -> Response:
        started.set()
        gate.wait(10)
        if request.data.get("broke"):
            raise PaymentRequired("Not enough.")
        avatar = create_avatar(user=request.user, display_name=request.data["name"])
        return Response({"id": str(avatar.pk), "zeta": 1, "key": idempotency_key(request)}, status=201)


urlpatterns = [path("effect", EffectView.as_view())]
