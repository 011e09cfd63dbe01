"""What answers where no route, or nothing that the reader may see, is: a page, or the API's error shape."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.defaults import page_not_found, server_error

from config.common.api import error_body

_API = "/api/v1/"


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 404: programs get JSON even where the address is no route of theirs."""
    if request.path.startswith(_API):
        return JsonResponse(error_body("not_found", "There is nothing here that you may see."), status=404)
    return page_not_found(request, exception)


def broken(request: HttpRequest) -> HttpResponse:
    """Answer 500: programs get JSON, without a word of what went wrong."""
    if request.path.startswith(_API):
        return JsonResponse(error_body("server_error", "Something went wrong on our side."), status=500)
    return server_error(request)
