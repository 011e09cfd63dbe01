"""Settings of the tests' web, worker and beat processes: those of `make run`, knowing the tests' people."""

from config.common import clock
from config.settings.local import *  # noqa: F403
from tests.support import timeshift

clock.now = timeshift.now  # before anything of the product is imported

PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.MD5PasswordHasher",  # how the test process stores passwords
]
