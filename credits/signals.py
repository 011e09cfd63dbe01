"""What credits tell the apps above them."""

from django.dispatch import Signal

credits_arrived = Signal()
"""Sent with `wallet_id` after the commit of a movement that gave its owner more to spend.

Set-based movements (a month's resets) send none: who waits for credits also looks by the clock.
"""
