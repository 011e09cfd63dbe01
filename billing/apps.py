"""Pays: plans, entitlements and subscriptions."""

from django.apps import AppConfig


class BillingConfig(AppConfig):
    """Pays: plans, entitlements and subscriptions."""

    name = "billing"
