"""Billing for operators: what is sold, who is on what, and what was paid."""

from billing.admin import catalogue, payments, subscriptions

__all__ = ["catalogue", "payments", "subscriptions"]
