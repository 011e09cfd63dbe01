"""Errors of the domain: what services raise, and both faces render."""

from typing import Any


class DomainError(Exception):
    """A rule said no. Carries what a person and a program need: code, message, details.

    `status` is the HTTP status of its rendering; services never build responses themselves.
    `retry_after` seconds say when trying again makes sense, where it does.
    """

    status: int = 400
    code: str = "invalid"
    retry_after: int | None = None

    def __init__(self, message: str, *, details: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.details = details or {}

    @property
    def wait(self) -> str:
        """When to try again, in words: 1 second, 40 minutes; empty where nothing says."""
        seconds = self.retry_after or 0
        number, unit = (seconds, "second") if seconds <= 90 else (-(-seconds // 60), "minute")
        return f"{number} {unit}{'' if number == 1 else 's'}" if number else ""


class Invalid(DomainError):
    """The input breaks a rule; `details` names the fields."""

    status = 422
    code = "invalid"


class Missing(DomainError):
    """Nothing there that this user may see."""

    status = 404
    code = "not_found"


class Conflict(DomainError):
    """The state moved on; nothing was changed."""

    status = 409
    code = "conflict"


class TooLarge(DomainError):
    """More than the limit that `details` names."""

    status = 413
    code = "too_large"


class UnsupportedMedia(DomainError):
    """A file of a kind that is not accepted here."""

    status = 415
    code = "unsupported_media_type"


class PaymentRequired(DomainError):
    """There are not enough credits."""

    status = 402
    code = "insufficient_credits"


class Refused(DomainError):
    """The plan does not allow it; `code` says which kind of refusal."""

    status = 403
    code = "plan_required"

    def __init__(
        self, message: str, *, code: str | None = None, details: dict[str, Any] | None = None
    ) -> None:
        super().__init__(message, details=details)
        if code is not None:
            self.code = code


class TooMany(DomainError):
    """Too often or too much at once; `retry_after` seconds say when to try again."""

    status = 429
    code = "rate_limited"

    def __init__(
        self,
        message: str,
        *,
        retry_after: int,
        code: str | None = None,
        details: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message, details=details)
        self.retry_after = retry_after
        if code is not None:
            self.code = code


class Unavailable(DomainError):
    """Something we depend on is down; nothing was changed, trying again is safe."""

    status = 503
    code = "unavailable"
