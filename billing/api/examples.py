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
    "A plan given by an operator",
    value={
        "plan": {"code": "pro", "name": "Pro"},
        "status": "comped",
        "terms_version": 1,
        "credits_per_month": 500,
        "allowance": "granted",
        "started_at": "2026-11-14T09:30:00Z",
        "ends_at": "2027-02-14T00:00:00Z",
    },
    response_only=True,
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
