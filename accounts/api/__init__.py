"""Accounts for programs."""
