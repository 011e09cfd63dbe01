"""How the API describes itself: what is true of every operation is written down once, here."""

from typing import Any, Literal

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter

from config.common.api import ErrorResponse

_IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="Sent again with the same body, the first answer is replayed and nothing happens twice.",
)


class StudioSchema(AutoSchema):
    """Adds the error shape to every operation, and the Idempotency-Key header where it is heard."""

    def get_override_parameters(self) -> list[Any]:
        """The parameters that come from how the handler is decorated."""
        handler = getattr(self.view, getattr(self.view, "action", None) or self.method.lower(), None)
        return [_IDEMPOTENCY_KEY] if getattr(handler, "idempotent", False) else []

    def _get_response_bodies(self, direction: Literal["request", "response"] = "response") -> dict[str, Any]:
        responses: dict[str, Any] = super()._get_response_bodies(direction)
        responses.setdefault("4XX", self._get_response_for_code(ErrorResponse, "4XX"))  # type: ignore[no-untyped-call]
        return responses
