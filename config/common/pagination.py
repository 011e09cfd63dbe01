"""Keyset pages for every list of the API."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.core.exceptions import ValidationError
from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response


class CursorPage(CursorPagination):
    """`{"results": […], "next": cursor|null}`; pass the cursor back as `?cursor=`."""

    page_size = 25
    max_page_size = 100
    page_size_query_param = "page_size"
    ordering: tuple[str, ...] = ("-created_at", "-pk")

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any] | None:
        """Return one page; a cursor that names no place in this list is unknown, whoever made it up."""
        try:
            return super().paginate_queryset(queryset, request, view)
        except (ValueError, ValidationError):
            if self.cursor_query_param not in request.query_params:
                raise
            raise NotFound(self.invalid_cursor_message) from None

    def get_paginated_response(self, data: Any) -> Response:
        """Return one page with the cursor of the following one."""
        link = self.get_next_link()
        cursor = parse_qs(urlsplit(link).query)[self.cursor_query_param][0] if link else None
        return Response({"results": data, "next": cursor})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Describe the page for OpenAPI."""
        return {
            "type": "object",
            "required": ["results", "next"],
            "properties": {
                "results": schema,
                "next": {
                    "type": ["string", "null"],
                    "description": "Cursor of the next page",
                    "example": "cD0zNQ==",
                },
            },
        }
