"""Pieces that the API's bodies share."""

import re
from typing import Any, cast

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request

from accounts.models import User
from config.common.errors import Invalid
from objects.models import Project

IF_MATCH = OpenApiParameter(
    "If-Match", str, OpenApiParameter.HEADER, description='The ETag of the text you read, as `"r3"`'
)

_TAG = re.compile(r'^(?:W/)?"?r(\d{1,9})"?$')


@extend_schema_field(OpenApiTypes.UUID)
class OwnProject(serializers.PrimaryKeyRelatedField[Project]):
    """A project of the caller's; someone else's is as unknown as one that never was."""

    def get_queryset(self) -> QuerySet[Project]:
        """Only what the caller may see."""
        return Project.objects.visible_to(self.context["request"].user)


def caller(request: Request) -> User:
    """Return the signed-in user; every operation here needs one."""
    return cast(User, request.user)


def expected_revision(request: Request) -> int:
    """Return the revision that `If-Match` names; raise Invalid without one."""
    found = _TAG.match(request.headers.get("If-Match", "").strip())
    if found is None:
        message = (
            "Send the document's ETag in If-Match when you change its body: it says which text you read, "
            "so that nobody's text is lost."
        )
        raise Invalid(message, details={"header": "If-Match", "example": '"r3"'})
    return int(found.group(1))


def flag(request: Request, name: str) -> bool:
    """Return whether a switch of the query is on."""
    return str(request.query_params.get(name, "")).lower() in {"1", "true", "yes"}


class Body(serializers.CharField):
    """A text taken as it is, white space and all.

    Stray control characters are cleaned where texts are stored: a pasted text is not refused for one.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(trim_whitespace=False, allow_blank=True, **options)
        self.validators = []
