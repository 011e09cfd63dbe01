"""What credits tell the apps above them."""

from django.dispatch import Signal

usage_counted = Signal()
"""An act was counted. Sent with `user_id`, `metric`, `period` and `total`, the period's count with it, inside
the transaction that counts it: until its end no other act of this user and metric is counted."""

credits_arrived = Signal()
"""Sent with `wallet_id` after the commit of a movement that gave its owner more to spend.

Set-based movements (a month's resets) send none: who waits for credits also looks by the clock.
"""
