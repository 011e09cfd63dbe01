"""How many requests an hour one account, and one address that is not signed in, may send.

Far above what a person does: against loops and floods. What AI work costs is bounded by the plan besides.
"""

from config.settings.env import env

REQUESTS_PER_HOUR: dict[str, tuple[int, int]] = {
    "read": (
        env.int("READS_PER_HOUR_ACCOUNT", default=36_000),
        env.int("READS_PER_HOUR_ADDRESS", default=6_000),
    ),
    "write": (
        env.int("WRITES_PER_HOUR_ACCOUNT", default=7_200),
        env.int("WRITES_PER_HOUR_ADDRESS", default=600),
    ),
    # Estimates, previews, imports and everything that sets agents to work.
    "costly": (
        env.int("COSTLY_PER_HOUR_ACCOUNT", default=3_600),
        env.int("COSTLY_PER_HOUR_ADDRESS", default=60),
    ),
}

# The library's own keys, should anything use them, see the address that every limit goes by.
RATELIMIT_IP_META_KEY = "config.common.network.client_ip"
SILENCED_SYSTEM_CHECKS = [
    "django_ratelimit.W001",  # Django's own RedisCache is atomic enough for it
    "djstripe.W002",  # that the API has an address: always; which one a live key may have, our own check says
]
