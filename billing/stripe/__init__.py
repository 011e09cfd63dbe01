"""Stripe: what is asked of it, how its objects are read, and the copies that are kept."""
