"""Sessions for operators: what runs, what failed and why, and the two things to do about it."""

from orchestration.admin import records, sessions

__all__ = ["records", "sessions"]
