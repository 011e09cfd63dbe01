"""The least Django needs to serve the sandbox on this machine."""

import secrets
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent
DEBUG = False
SECRET_KEY = secrets.token_urlsafe(48)  # signs nothing that outlives the process
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
INSTALLED_APPS: list[str] = []
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "billing.sandbox.web.policy.ContentPolicy",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "billing.sandbox.web.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE / "templates"],
        "OPTIONS": {
            "builtins": ["billing.sandbox.web.amounts"],
            "context_processors": ["django.template.context_processors.request"],
        },
    }
]
STATIC_URL = "/static/"
DATABASES: dict[str, dict[str, str]] = {}
USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = False
CSRF_COOKIE_NAME = "sandbox_csrf"  # cookies know no ports: the studio beside it has one of its own
CSRF_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
# What the API refuses is its answer, and no news for whoever runs it.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "loggers": {"django.request": {"level": "ERROR"}, "django.security": {"level": "ERROR"}},
}
