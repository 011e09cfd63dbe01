"""Sessions for operators: what runs, what failed and why, and the two things to do about it."""

from orchestration.admin import orders, records, sessions

__all__ = ["orders", "records", "sessions"]
