"""Settings of the tests' web, worker and beat processes: those of `make run`, knowing the tests' people."""

from config.settings.local import *  # noqa: F403

PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.MD5PasswordHasher",  # how the test process stores passwords
]
