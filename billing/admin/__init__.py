"""Billing for operators: what is sold, who is on what, what was paid and went back, and what Stripe knows."""

from billing.admin import catalogue, events, payments, reversals, subscriptions

__all__ = ["catalogue", "events", "payments", "reversals", "subscriptions"]
