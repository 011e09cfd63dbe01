"""What every environment shares: apps, middleware, database, templates, static files."""

from redis.backoff import NoBackoff
from redis.retry import Retry

from config.settings.admin import *  # noqa: F403
from config.settings.ai import *  # noqa: F403
from config.settings.api import *  # noqa: F403
from config.settings.auth import *  # noqa: F403
from config.settings.env import BASE_DIR, VAR_DIR, env, secret
from config.settings.jobs import *  # noqa: F403
from config.settings.limits import *  # noqa: F403
from config.settings.observability import *  # noqa: F403
from config.settings.payments import *  # noqa: F403
from config.settings.security import *  # noqa: F403
from config.settings.storage import *  # noqa: F403

SECRET_KEY = secret("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
DEBUG = False
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", default=[])
SITE_URL = env.str("SITE_URL", default="http://localhost:8000")

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",
    "adminpanel.operators.OperatorsConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.github",
    "allauth.usersessions",
    "csp",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "rest_framework",
    "rest_framework_simplejwt.token_blacklist",
    "djstripe",
    "accounts",
    "credits",
    "billing",
    "objects",
    "orchestration",
    "adminpanel",
    "config",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "accounts.audit.AddressMiddleware",
    "accounts.elsewhere.FormsToGitHubMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.TimeZoneMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "credits.middleware.BandwidthMiddleware",
    "config.common.middleware.DomainErrorMiddleware",
    "config.common.limiting.RequestLimits",
]

ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.context.shell",
            ],
            "builtins": ["config.templatetags.desk"],
        },
    },
]

# The web keeps a pool (requests come on many threads); workers keep one persistent connection each:
# measured, a pool gives half of what a persistent connection gives to a single-threaded process.
DATABASES = {"default": env.db("DATABASE_URL", default="postgres://postgres@localhost/atelier")}
if env.bool("DATABASE_POOL", default=False):
    DATABASES["default"]["OPTIONS"] = {
        **DATABASES["default"].get("OPTIONS", {}),
        "pool": {"min_size": 1, "max_size": env.int("DATABASE_POOL_SIZE", default=12), "timeout": 10},
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = None
# A connection that broke while nobody used it is replaced, not handed to the next request.
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
# Only the ledger's calls are ever prepared: Django's own queries carry their values in their text.
DATABASES["default"].setdefault("OPTIONS", {})["prepare_threshold"] = 2
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL", default="redis://localhost:6379/0")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        # Limits are asked before everything else: a server that is frozen is waited for twice, and briefly.
        "OPTIONS": {
            "socket_timeout": 1.0,
            "socket_connect_timeout": 1.0,
            "retry": Retry(NoBackoff(), 1),
        },
    }
}

LANGUAGE_CODE = "en"
USE_I18N = False
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = VAR_DIR / "staticfiles"

DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Atelier <studio@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
EMAIL_CONFIG = env.email("EMAIL_URL", default="smtp://localhost:25")
vars().update(EMAIL_CONFIG)
OPERATOR_WEBHOOK_URL = env.str("OPERATOR_WEBHOOK_URL", default="")
EMAIL_TIMEOUT = 10  # seconds for each answer of the mail server; nobody waits for a dead one
LOCAL_MAILBOX = False
"""True where mails are written to a folder and read at /mailbox/ (embedded mode)."""
