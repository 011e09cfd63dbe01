"""Typed requests."""

from typing import TYPE_CHECKING

from django.http import HttpRequest

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser


class UserRequest(HttpRequest):
    """A request behind `login_required`: its user is signed in.

    Views annotate with it; at run time every request is Django's own class.
    """

    user: "AbstractBaseUser"  # type: ignore[assignment]
