"""A local stand-in for Stripe: a process of its own that speaks the part of Stripe's REST API used here."""

API_VERSION = "2026-08-26.dahlia"
"""The version whose shapes it answers in; the one that the pinned SDK speaks."""

KEY_PREFIX = "sk_test_sandbox"
"""How every key begins that it accepts. No key of Stripe's own begins like this."""
