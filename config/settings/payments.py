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

STRIPE_SECRET_KEY = secret("STRIPE_SECRET_KEY")
"""The account's secret key, or a restricted one; whether it moves real money stands in the key itself."""

STRIPE_LIVE_MODE = STRIPE_SECRET_KEY.startswith(("sk_live_", "rk_live_"))
STRIPE_LIVE_SECRET_KEY = STRIPE_SECRET_KEY if STRIPE_LIVE_MODE else ""
STRIPE_TEST_SECRET_KEY = "" if STRIPE_LIVE_MODE else STRIPE_SECRET_KEY

STRIPE_HOST = "https://api.stripe.com"
STRIPE_API_HOST = env.str("STRIPE_API_HOST", default="") or STRIPE_HOST
"""Where Stripe's API is asked. Another address than Stripe's own is refused beside a live key."""

STRIPE_TIMEOUT = env.float("STRIPE_TIMEOUT", default=8.0)
"""Seconds that Stripe may take for an answer before a page says that it could not be reached."""

STRIPE_WEBHOOK_TOLERANCE = 300
"""Seconds that a signature stays good for; between 1 and 600."""

BILLING_GRACE_DAYS = env.int("BILLING_GRACE_DAYS", default=3)
"""How long a plan stays after the time that was paid for, while a failed payment is tried again."""

MIGRATION_MODULES = {"djstripe": "billing.djstripe_migrations"}
DJSTRIPE_FOREIGN_KEY_TO_FIELD = "id"
DJSTRIPE_SUBSCRIBER_MODEL = "accounts.User"
DJSTRIPE_SUBSCRIBER_CUSTOMER_KEY = "atelier_user"
DJSTRIPE_WEBHOOK_VALIDATION = "verify_signature"
