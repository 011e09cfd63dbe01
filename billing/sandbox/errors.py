"""The refusals of the API, in Stripe's own words and shapes."""

from typing import Any


class ApiError(Exception):
    """A request is refused: HTTP status and the members of Stripe's `error` object.

    Raised within a change, it undoes the change, unless `keeps_changes`: a declined payment is remembered.
    """

    status = 400
    type = "invalid_request_error"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        param: str | None = None,
        keeps_changes: bool = False,
        **members: Any,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.param = param
        self.keeps_changes = keeps_changes
        self.members = members

    def body(self) -> dict[str, Any]:
        """Return the answer's body; members that say nothing are left out, as Stripe does."""
        error = {"type": self.type, "code": self.code, "param": self.param, "message": self.message}
        error.update(self.members)
        return {"error": {name: value for name, value in error.items() if value is not None}}


class InvalidError(ApiError):
    """A request asks for what cannot be."""


class ParameterError(InvalidError):
    """A parameter is missing, unknown or malformed: nothing was begun, no Idempotency-Key remembers it."""


class NoSuchError(ApiError):
    """What the request names does not exist: 404 by its address, 400 in a parameter."""

    def __init__(self, kind: str, object_id: object, *, param: str = "id") -> None:
        self.status = 404 if param == "id" else 400
        noun = kind.rpartition(".")[2].replace("_", " ")
        super().__init__(f"No such {noun}: '{object_id}'", code="resource_missing", param=param)


class KeyRefusedError(ApiError):
    """The request carries no key, or none of the sandbox's."""

    status = 401


class CardError(ApiError):
    """A payment was declined; `decline_code` says why, in Stripe's vocabulary."""

    status = 402
    type = "card_error"

    def __init__(
        self, message: str, *, code: str = "card_declined", decline_code: str | None = None, **more: Any
    ) -> None:
        super().__init__(message, code=code, decline_code=decline_code, **more)
        self.decline_code = decline_code


class IdempotencyError(ApiError):
    """An Idempotency-Key came back with another request."""

    type = "idempotency_error"


class KeyInUseError(IdempotencyError):
    """An Idempotency-Key came back while its first request was still under way: to be sent again later."""

    status = 409

    def __init__(self) -> None:
        super().__init__(
            "There is currently another in-progress request using this Idempotency-Key (that probably means "
            "you submitted twice, and the other request is still going through). Try again later.",
            code="idempotency_key_in_use",
        )
