"""What the browser may do with our pages, and what the studio signs with."""

from csp.constants import NONE, SELF

from config.settings.env import env, secret
from config.settings.payments import STRIPE_API_HOST, STRIPE_HOST

STRIPE_PAGES = (
    ["https://checkout.stripe.com", "https://billing.stripe.com"]
    if STRIPE_API_HOST == STRIPE_HOST
    else [STRIPE_API_HOST]
)
"""Where forms of ours lead on to: what is chosen here is paid there."""

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF, *STRIPE_PAGES],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    },
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "django.views.csrf.csrf_failure"

STATEMENT_SIGNING_KEY = secret("STATEMENT_SIGNING_KEY")
"""32 bytes in base64: the Ed25519 key that signs statements. Without it, one made from SECRET_KEY."""
STATEMENT_FORMER_KEYS: list[str] = env.list("STATEMENT_FORMER_KEYS", default=[])
"""Public keys in base64 that signed before the present one: statements signed with them stay valid."""
