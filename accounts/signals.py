"""What accounts tell the apps above them."""

from django.dispatch import Signal

account_opened = Signal()
"""Sent with `user` inside the transaction that creates the account, whatever creates it."""

email_verified = Signal()
"""Sent with `user` once an address of theirs is proven to be theirs."""
