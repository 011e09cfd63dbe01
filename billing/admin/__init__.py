"""Billing for operators: what is sold, who is on what, what was paid, and what Stripe was asked and told."""

from billing.admin import catalogue, events, payments, subscriptions

__all__ = ["catalogue", "events", "payments", "subscriptions"]
