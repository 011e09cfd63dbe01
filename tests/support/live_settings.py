"""Settings of the tests' web, worker and beat processes: those of `make run`, knowing the tests' people."""

from config.common import clock
from config.settings.local import *  # noqa: F403
from config.settings.local import SILENCED_SYSTEM_CHECKS
from tests.support import timeshift

clock.now = timeshift.now  # before anything of the product is imported

PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.MD5PasswordHasher",  # how the test process stores passwords
]
# Stripe signs by the machine's clock, which the product's may be months ahead of.
STRIPE_WEBHOOK_TOLERANCE = 400 * 24 * 3600
SILENCED_SYSTEM_CHECKS = [*SILENCED_SYSTEM_CHECKS, "atelier.E004"]
