"""One machine, for trying and developing: embedded services, a mailbox page, no TLS."""

import config.settings.embedded  # noqa: F401  first: base reads the environment that it completes
from config.settings.base import *  # noqa: F403
from config.settings.env import VAR_DIR, env

DEBUG = env.bool("DEBUG", default=False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = VAR_DIR / "mail"
LOCAL_MAILBOX = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "http"
FREE_GRANTS_PER_NETWORK_PER_DAY = env.int(
    "FREE_GRANTS_PER_NETWORK_PER_DAY", default=100
)  # all come from here
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
STATIC_ROOT = None  # type: ignore[assignment]  # nothing is collected: files are served from where they are
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
