"""Plans and payments."""

from config.settings.env import env, secret

CATALOGUE = env.str("CATALOGUE", default="atelier")
"""Name or path of the catalogue that set-up loads."""

FREE_GRANTS_PER_DAY = env.int("FREE_GRANTS_PER_DAY", default=500)
"""How many accounts a day (UTC) may be given the free plan's credits; later ones get them the next day."""

FREE_GRANTS_PER_NETWORK_PER_DAY = env.int("FREE_GRANTS_PER_NETWORK_PER_DAY", default=5)
"""The same for one network: an IPv4 address, an IPv6 /64."""

PERSON_HASH_KEY = secret("PERSON_HASH_KEY")
"""Keys the hashes that remember who has had the free credits. Without one SECRET_KEY does, and its rotation
forgets everybody."""

OPERATOR_CREDITS_ALONE = env.int("OPERATOR_CREDITS_ALONE", default=1_000)
"""How many credits one operator may give or take within 24 hours before a second one must approve."""

BILLING_GRACE_DAYS = env.int("BILLING_GRACE_DAYS", default=3)
"""How many days a plan goes on after the last day that was paid for."""
