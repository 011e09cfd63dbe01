"""Billing for operators: what is sold, who is on what, and what was asked of Stripe."""

from billing.admin import catalogue, requests, subscriptions

__all__ = ["catalogue", "requests", "subscriptions"]
