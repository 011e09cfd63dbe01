"""Billing for operators: what is sold, who is on what, what Stripe was asked and what it told."""

from billing.admin import catalogue, events, requests, subscriptions

__all__ = ["catalogue", "events", "requests", "subscriptions"]
