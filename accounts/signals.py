"""What accounts tell the apps above them."""

from django.dispatch import Signal

account_opened = Signal()
"""Sent with `user` inside the transaction that creates the account, whatever creates it."""

email_verified = Signal()
"""Sent with `user` once their e-mail is proven to be theirs, again after each change of it.

`address`, where known, is the network address that the proof came from.
"""
