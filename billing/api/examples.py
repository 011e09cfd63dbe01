"""What the answers of the billing API look like."""

from drf_spectacular.utils import OpenApiExample

_SESSIONS = {
    "limit": "sessions_per_month",
    "name": "Sessions a month",
    "used": 3,
    "allowed": 5,
    "left": 2,
    "resets_at": "2026-12-14T09:30:00Z",
}
_PROJECTS = {"limit": "projects", "name": "Projects", "used": 1, "allowed": 2, "left": 1, "resets_at": None}

PLANS = OpenApiExample(
    "Two plans",
    value={
        "results": [
            {
                "code": "free",
                "name": "Free",
                "tagline": "A whole session, to see whether it helps.",
                "price_usd_cents": 0,
                "year_usd_cents": 0,
                "credits_per_month": 20,
                "trial_days": 0,
                "limits": {"sessions_per_month": 5, "projects": 2},
                "features": {"version_history": False, "api_access": False},
                "models": ["claude-haiku-4-5", "house"],
                "moderation": "standard",
            },
            {
                "code": "enterprise",
                "name": "Enterprise",
                "tagline": "For houses and studios that write every day.",
                "price_usd_cents": 19900,
                "year_usd_cents": 199000,
                "credits_per_month": 2000,
                "trial_days": 0,
                "limits": {"sessions_per_month": None, "projects": None},
                "features": {"version_history": True, "api_access": True},
                "models": ["claude-opus-4-5", "claude-haiku-4-5", "house"],
                "moderation": "custom",
            },
        ],
        "next": None,
        "products": [
            {
                "code": "credits-100",
                "name": "100 credits",
                "description": "Added to what you have. They do not expire with the month.",
                "price_usd_cents": 1900,
                "credits": 100,
            }
        ],
    },
    response_only=True,
)

SUBSCRIPTION = OpenApiExample(
    "Pro by the month, Starter from the next one on",
    value={
        "plan": {"code": "pro", "name": "Pro"},
        "status": "active",
        "interval": "month",
        "price_usd_cents": 7900,
        "renews_at": "2026-12-14T09:30:00Z",
        "cancel_at": None,
        "trial_ends_at": None,
        "scheduled": {
            "plan": {"code": "starter", "name": "Starter"},
            "interval": "month",
            "price_usd_cents": 2900,
            "at": "2026-12-14T09:30:00Z",
        },
        "past_due": None,
        "terms_version": 1,
        "credits_per_month": 500,
        "allowance": "granted",
        "started_at": "2026-11-14T09:30:00Z",
        "ends_at": "2026-12-17T09:30:00Z",
    },
    response_only=True,
)

BUY_PLAN = OpenApiExample("A plan by the year", value={"plan": "pro", "interval": "year"}, request_only=True)
BUY_PRODUCT = OpenApiExample("Credits, once", value={"product": "credits-100"}, request_only=True)
CHECKOUT = OpenApiExample(
    "Where it is paid", value={"url": "https://checkout.stripe.com/c/pay/cs_test_a1"}, response_only=True
)
PORTAL = OpenApiExample(
    "Cards and addresses", value={"url": "https://billing.stripe.com/p/session/test_a1"}, response_only=True
)
CHOICE = OpenApiExample("Up to Pro", value={"plan": "pro", "interval": "month"}, request_only=True)
AGREED = OpenApiExample(
    "As it was previewed",
    value={"plan": "pro", "interval": "month", "proration_date": "2026-11-28T09:30:00Z"},
    request_only=True,
)
PREVIEW = OpenApiExample(
    "From Starter to Pro in the middle of the month",
    value={
        "plan": "pro",
        "interval": "month",
        "takes_effect": "now",
        "due_now_usd_cents": 2500,
        "credit_usd_cents": 1450,
        "next_usd_cents": 7900,
        "next_at": "2026-12-14T09:30:00Z",
        "proration_date": "2026-11-28T09:30:00Z",
        "becomes_read_only": [],
    },
    response_only=True,
)
INVOICES = OpenApiExample(
    "One renewal",
    value={
        "id": "in_1",
        "number": "A1B2C3-0002",
        "description": "Renewal",
        "status": "paid",
        "total_usd_cents": 7900,
        "due_usd_cents": 0,
        "created_at": "2026-11-14T09:30:00Z",
        "pdf_url": "https://pay.stripe.com/invoice/acct_1/test_1/pdf",
        "pay_url": "https://invoice.stripe.com/i/acct_1/test_1",
    },
    response_only=True,
)
NO_CUSTOMER = OpenApiExample(
    "Nothing was bought yet",
    value={
        "error": {
            "code": "no_customer",
            "message": "There is nothing to show yet: you have bought nothing here. Choose a plan first.",
            "details": {},
        }
    },
    response_only=True,
    status_codes=["400"],
)

USAGE = OpenApiExample(
    "Half a month in",
    value={
        "month": {"start": "2026-11-14T09:30:00Z", "end": "2026-12-14T09:30:00Z"},
        "results": [_SESSIONS, _PROJECTS],
        "next": None,
    },
    response_only=True,
)

ENTITLEMENTS = OpenApiExample(
    "The free plan",
    value={
        "plan": {"code": "free", "name": "Free"},
        "limits": [_SESSIONS, _PROJECTS],
        "features": {"version_history": False, "api_access": False},
        "models": ["claude-haiku-4-5", "house"],
        "moderation": "standard",
    },
    response_only=True,
)
