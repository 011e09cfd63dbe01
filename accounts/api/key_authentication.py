"""API keys as credentials of the API."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts import key_gate, keys
from accounts.keys import KeyForbids, KeyRefused
from accounts.models import ApiKey, User

_SAFE = ("GET", "HEAD", "OPTIONS")


class ApiKeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer atelier_…`. A key's scope holds for every operation, whatever its view allows.

    Stands before the tokens, which send the same header; what is no key is left to them.
    """

    def authenticate(self, request: Request) -> tuple[User, ApiKey] | None:
        """Return the key's owner and the key; None where no key was sent.

        Raises AuthenticationFailed for a key that is not good, Refused where the owner's plan has no keys
        now, KeyForbids where a key for reading is to change something.
        """
        secret = secret_of(get_authorization_header(request).decode("latin-1"))
        if secret is None:
            return None
        try:
            key = keys.find_key(secret)
        except KeyRefused as refused:
            raise AuthenticationFailed(refused.message) from None
        key_gate.require(user=key.user)
        if key.scope == ApiKey.Scope.READ and request.method not in _SAFE:
            raise KeyForbids("This key is for reading only. Make one that may write.")
        keys.note_use(key)
        return key.user, key

    def authenticate_header(self, request: Request) -> str:
        """What is said to who sends no credentials."""
        return 'Bearer realm="api"'


def secret_of(authorization: str) -> str | None:
    """Return the key in an Authorization header; None where there is none."""
    scheme, _, secret = authorization.strip().partition(" ")
    return secret.strip() if scheme.lower() == "bearer" and keys.is_key(secret.strip()) else None


class ApiKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Describes keys to the schema."""

    target_class = "accounts.api.key_authentication.ApiKeyAuthentication"
    name = "apiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        """A bearer token that does not expire by itself."""
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "A personal API key, where the plan has them: `Authorization: Bearer atelier_…`",
        }
