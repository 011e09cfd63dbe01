"""Pays: plans, entitlements and subscriptions."""
