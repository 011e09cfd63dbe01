"""Who may use operations that are not everybody's."""

from typing import cast

from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.models import ApiKey, User
from accounts.security import needs_second_factor


class IsOperator(BasePermission):
    """Staff whose account a password alone does not open, as in the admin; a key is no second factor."""

    message = "Only operators with two-step sign-in may do this."

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Whether the caller is one."""
        user = cast(User, request.user)
        if isinstance(request.auth, ApiKey):
            return False
        return bool(user.is_authenticated and user.is_staff and needs_second_factor(user=user))
