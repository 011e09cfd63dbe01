"""Every figure of time and number that the runtime goes by."""

LEASE_SECONDS = 6.0
"""How long a claimed turn is its worker's without another sign of life."""
RENEW_SECONDS = 1.0
"""How often a worker renews its lease, saves the text so far and reads the owner's wish."""
RING_SECONDS = 2.0
"""How often every runnable turn without a live lease is rung for."""
BATCH_SECONDS = 0.04
"""How long tokens are gathered while they come fast; a slow one goes out at once."""
POLL_SECONDS = 0.25
"""How long a silent provider is waited for before time is looked at again."""
MOST_CRASHES = 3
"""Workers lost in a row, without a further word, after which a turn is given up."""
GRACE_SECONDS = 120
"""How old a hold must be before it is looked at as one that nobody needs any more."""
HOLD_HOURS = 12
"""How long a turn may wait and work before its hold is dead."""
CALL_GOODBYE_SECONDS = 5.0
"""How long a cancelled call is given to end."""
