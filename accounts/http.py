"""The request of a page behind `login_required`."""

from django.http import HttpRequest

from accounts.models import User


class UserRequest(HttpRequest):
    """A request whose user is signed in. Views annotate with it; at run time it is Django's own class."""

    user: User
