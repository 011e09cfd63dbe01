"""The API's error shape: `{"error": {"code", "message", "details"}}`."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions, serializers, status
from rest_framework.response import Response
from rest_framework.views import exception_handler as drf_exception_handler

from config.common import outages
from config.common.errors import DomainError


class ErrorBody(serializers.Serializer[Any]):
    """What every refusal carries."""

    code = serializers.CharField()
    message = serializers.CharField()
    details = serializers.DictField()


class ErrorResponse(serializers.Serializer[Any]):
    """The envelope of every answer that is not a success."""

    error = ErrorBody()


def error_body(code: str, message: str, details: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return the API's error envelope."""
    return {"error": {"code": code, "message": message, "details": details or {}}}


def domain_error_response(error: DomainError) -> Response:
    """Render a DomainError for the API."""
    headers = {"Retry-After": str(error.retry_after)} if error.retry_after else None
    return Response(
        error_body(error.code, error.message, error.details), status=error.status, headers=headers
    )


_CODES = {
    status.HTTP_401_UNAUTHORIZED: "not_authenticated",
    status.HTTP_403_FORBIDDEN: "permission_denied",
    status.HTTP_404_NOT_FOUND: "not_found",
    status.HTTP_405_METHOD_NOT_ALLOWED: "method_not_allowed",
    status.HTTP_406_NOT_ACCEPTABLE: "not_acceptable",
    status.HTTP_413_REQUEST_ENTITY_TOO_LARGE: "too_large",
    status.HTTP_415_UNSUPPORTED_MEDIA_TYPE: "unsupported_media_type",
    status.HTTP_429_TOO_MANY_REQUESTS: "rate_limited",
}


def exception_handler(exc: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's hook: every refusal leaves in one shape; what is not a refusal stays a 500."""
    if isinstance(exc, outages.ERRORS):
        return domain_error_response(outages.Outage())
    if isinstance(exc, DomainError):
        return domain_error_response(exc)
    if isinstance(exc, exceptions.ValidationError):
        return Response(
            error_body("invalid", "Some fields need another look.", {"fields": exc.detail}),
            status=status.HTTP_422_UNPROCESSABLE_ENTITY,
        )
    if isinstance(exc, exceptions.ParseError):
        return Response(error_body("invalid", str(exc.detail)), status=status.HTTP_400_BAD_REQUEST)
    response = drf_exception_handler(exc, context)
    if response is None:
        return None
    if isinstance(exc, Http404):
        message = "There is nothing here that you may see."
    elif isinstance(exc, PermissionDenied):
        message = "You may not do this."
    else:
        message = str(getattr(exc, "detail", exc))
    response.data = error_body(_CODES.get(response.status_code, "invalid"), message)
    return response
