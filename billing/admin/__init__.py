"""Billing for operators: what is sold, and who is on what."""

from billing.admin import catalogue, subscriptions

__all__ = ["catalogue", "subscriptions"]
