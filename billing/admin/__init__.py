"""Billing for operators: what is sold, who is on what, what was asked of Stripe and what Stripe told."""

from billing.admin import catalogue, events, requests, subscriptions

__all__ = ["catalogue", "events", "requests", "subscriptions"]
