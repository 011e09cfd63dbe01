"""Accounts for operators."""

from accounts.admin import outbox  # noqa: F401  it registers on import
from accounts.admin.users import ReasonForm

__all__ = ["ReasonForm"]
