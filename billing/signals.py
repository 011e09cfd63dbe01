"""What billing tells the apps above it."""

from django.dispatch import Signal

plan_changed = Signal()
"""Sent with `user`, `old` and `new` (PlanTerms; `old` may be None) in the transaction of the change."""
