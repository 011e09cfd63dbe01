"""Accounts for operators."""

from accounts.admin import audit, outbox  # noqa: F401  they register on import
from accounts.admin.users import ReasonForm

__all__ = ["ReasonForm"]
