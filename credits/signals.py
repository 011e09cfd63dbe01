"""News of the meter, for the apps above."""

from django.dispatch import Signal

usage_counted = Signal()
"""An act was counted. Sent with `user_id`, `metric`, `period` and `total`, the period's count with it, inside
the transaction that counts it: until its end no other act of this user and metric is counted."""
