"""Billing for operators: what is sold, who is on what, and what Stripe told."""

from billing.admin import catalogue, events, subscriptions

__all__ = ["catalogue", "events", "subscriptions"]
