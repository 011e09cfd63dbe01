"""What billing tells the apps above it."""

from django.dispatch import Signal

plan_changed = Signal()
"""Sent with `user`, `old` and `new` (PlanTerms; `old` may be None) in the transaction of the change."""

product_bought = Signal()
"""Sent with `payment` in the transaction in which a one-time product's payment is kept, once for each."""

payment_reversed = Signal()
"""Sent with `payment` in the transaction that keeps a refund or a dispute of it, or that it was undone."""
