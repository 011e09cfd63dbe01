"""Every route of the product, read from the resolver, and who may do what on each: the expected cells."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.urls import URLPattern, get_resolver

from tests.support.people import PASSWORD

PUBLIC = "public"
"""Everybody gets an answer, and it holds nothing of anybody's."""
PROVEN = "proves itself"
"""Whoever does not prove with the request itself who it is from is refused, signed in or not."""
SIGNED = "signed-in"
"""Visitors sign in first; everybody else gets their own."""
OWNED = "owner only"
"""Visitors sign in first; for everybody but the owner it is not there, staff included."""
STAFF = "staff"
"""The admin, and the operators' API: staff with a second factor."""


@dataclass(frozen=True)
class Row:
    """Who may reach a route, by which methods, with which bodies where an empty one says nothing."""

    access: str
    methods: str = "GET"
    body: dict[str, Any] = field(default_factory=dict)
    query: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Route:
    """One route: its pattern, its name with its namespaces, and the pattern to read its parameters from."""

    path: str
    name: str
    pattern: URLPattern

    @property
    def is_api(self) -> bool:
        """Whether it answers as the API does."""
        return self.path.startswith("api/v1/")

    @property
    def is_admin(self) -> bool:
        """Whether it belongs to the operators."""
        return self.path.startswith("admin/")


def routes() -> list[Route]:
    """Return every route of the resolver."""
    return list(_walk(get_resolver(), "", ()))


def _walk(resolver: Any, path: str, names: tuple[str, ...]) -> Iterator[Route]:
    for pattern in resolver.url_patterns:
        whole = path + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield Route(whole, ":".join([*names, pattern.name or whole]), pattern)
        else:
            yield from _walk(pattern, whole, (*names, pattern.namespace) if pattern.namespace else names)


_SESSION = Row(OWNED)
_VERB = Row(OWNED, "POST")

PAGES = {
    "home": Row(PUBLIC),
    "billing:pricing": Row(PUBLIC),
    "api-docs": Row(PUBLIC),
    "studio": Row(SIGNED),
    "billing:plan": Row(SIGNED),
    "billing:overview": Row(SIGNED),
    "billing:invoices": Row(SIGNED),
    "billing:choose": Row(SIGNED, "GET POST"),
    "billing:paid": Row(SIGNED),
    "billing:change": Row(SIGNED, "POST"),
    "billing:undo": Row(SIGNED, "POST"),
    "billing:cancel": Row(SIGNED, "GET POST"),
    "billing:resume": Row(SIGNED, "POST"),
    "billing:portal": Row(SIGNED, "POST"),
    "billing:webhook": Row(PROVEN, "POST"),
    "credits:overview": Row(SIGNED),
    "credits:history": Row(SIGNED),
    "credits:history_csv": Row(SIGNED),
    "credits:history_json": Row(SIGNED),
    "credits:statements": Row(SIGNED),
    "credits:statement": Row(SIGNED),
    "credits:statement_download": Row(SIGNED),
    "accounts:profile": Row(SIGNED, "GET POST"),
    "accounts:preferences": Row(SIGNED, "GET POST"),
    "accounts:avatars": Row(SIGNED, "GET POST"),
    "accounts:avatar_new": Row(SIGNED, "GET POST"),
    "accounts:avatar": Row(OWNED, "GET POST"),
    "accounts:avatar_activate": Row(OWNED, "POST"),
    "accounts:avatar_delete": Row(OWNED, "POST"),
    "accounts:notifications": Row(SIGNED, "GET POST"),
    "accounts:keys": Row(SIGNED),
    "accounts:key_new": Row(SIGNED, "GET POST", {"name": "Backup", "scope": "read", "days": "90"}),
    "accounts:key_revoke": Row(OWNED, "GET POST"),
    "accounts:security": Row(SIGNED),
    "accounts:theme": Row(SIGNED, "POST", {"theme": "dark"}),
    "notices:list": Row(SIGNED),
    "notices:bell": Row(SIGNED),
    "notices:read_all": Row(SIGNED, "POST"),
    "notices:open": Row(OWNED, "POST"),
    "notices:read": Row(OWNED, "POST"),
    "notices:unsubscribe": Row(PUBLIC, "GET POST"),
    "objects:projects": Row(SIGNED),
    "objects:project_new": Row(SIGNED, "GET POST"),
    "objects:project": Row(OWNED),
    "objects:project_edit": Row(OWNED, "GET POST"),
    "objects:project_archive": Row(OWNED, "POST"),
    "objects:project_restore": Row(OWNED, "POST"),
    "objects:documents": Row(SIGNED),
    "objects:document_new": Row(SIGNED, "GET POST"),
    "objects:trash": Row(SIGNED),
    "objects:document": Row(OWNED, "GET POST"),
    "objects:document_preview": Row(OWNED, "POST"),
    "objects:document_move": Row(OWNED, "POST"),
    "objects:document_trash": Row(OWNED, "POST"),
    "objects:document_restore": Row(OWNED, "POST"),
    "objects:versions": Row(OWNED),
    "objects:version": Row(OWNED),
    "objects:version_restore": Row(OWNED, "POST"),
    "objects:version_choose": Row(OWNED, "POST", {"base": "1", "revision": "1"}),
    "objects:diff": Row(OWNED),
    "receipts": Row(OWNED),
    "receipt": Row(OWNED),
    "orchestration:bill": Row(OWNED),
    "orchestration:sessions": Row(SIGNED),
    "orchestration:new": Row(OWNED, "GET POST", {"document": "{document}"}, {"document": "{document}"}),
    "orchestration:estimate": Row(OWNED, "POST", {"document": "{document}"}),
    "orchestration:order": Row(OWNED, "GET POST", {"document": "{document}"}),
    "orchestration:session": Row(OWNED),
    "orchestration:manuscript": Row(OWNED),
    "orchestration:status": Row(OWNED),
    "orchestration:review": Row(OWNED, "POST", {"proposed": "{number}", "revision": "1"}),
    "orchestration:note": Row(OWNED, "POST", {"text": "Plainer."}),
    "orchestration:cap": Row(OWNED, "POST", {"cap_credits": "50"}),
    "orchestration:rerun": Row(OWNED, "POST", {"turn": "{turn}", "model": "house"}),
    "orchestration:act": Row(OWNED, "POST"),
}

API = {
    "schema": Row(PUBLIC),
    "auth-token": Row(PUBLIC, "POST"),
    "auth-token-refresh": Row(PUBLIC, "POST"),
    "auth-token-revoke": Row(PUBLIC, "POST"),
    "auth-keys": Row(SIGNED, "GET POST", {"name": "Backup", "password": PASSWORD}),
    "auth-key": Row(OWNED, "DELETE"),
    "me": Row(SIGNED, "GET PATCH"),
    "preferences": Row(SIGNED, "GET PUT"),
    "notifications": Row(SIGNED),
    "notifications-read-all": Row(SIGNED, "POST"),
    "notification-read": Row(OWNED, "POST"),
    "avatars": Row(SIGNED, "GET POST"),
    "avatar": Row(OWNED, "GET PATCH DELETE"),
    "avatar-activate": Row(OWNED, "POST"),
    "billing-plans": Row(PUBLIC),
    "billing-subscription": Row(SIGNED),
    "billing-usage": Row(SIGNED),
    "billing-invoices": Row(SIGNED),
    "billing-checkout": Row(SIGNED, "POST"),
    "billing-change-preview": Row(SIGNED, "POST"),
    "billing-change": Row(SIGNED, "POST"),
    "billing-change-undo": Row(SIGNED, "POST"),
    "billing-cancel": Row(SIGNED, "POST"),
    "billing-resume": Row(SIGNED, "POST"),
    "billing-portal": Row(SIGNED, "POST"),
    "credits-balance": Row(SIGNED),
    "credits-usage": Row(SIGNED),
    "credits-history": Row(SIGNED),
    "credits-history-csv": Row(SIGNED),
    "credits-history-json": Row(SIGNED),
    "credits-statements": Row(SIGNED),
    "credits-statement": Row(SIGNED),
    "credits-statement-keys": Row(PUBLIC),
    "entitlements": Row(SIGNED),
    "projects": Row(SIGNED, "GET POST"),
    "project": Row(OWNED, "GET PATCH DELETE"),
    "project-restore": Row(OWNED, "POST"),
    "objects": Row(SIGNED),
    "object": Row(OWNED),
    "documents": Row(SIGNED, "GET POST"),
    "document": Row(OWNED, "GET PATCH DELETE"),
    "document-restore": Row(OWNED, "POST"),
    "versions": Row(OWNED),
    "version": Row(OWNED),
    "version-diff": Row(OWNED, "GET", {}, {"against": 2}),
    "version-restore": Row(OWNED, "POST"),
    "version-receipts": Row(OWNED),
    "session-bill": Row(OWNED),
    "version-choose": Row(OWNED, "POST", {"against": 1, "accepted": []}),
    "sessions": Row(SIGNED, "GET POST"),
    "session": Row(OWNED),
    "session-events": Row(OWNED),
    "session-note": Row(OWNED, "POST", {"text": "Plainer."}),
    "session-cap": Row(OWNED, "POST", {"cap_credits": 50}),
    "session-review": Row(OWNED, "GET POST", {"number": "{number}", "accepted": []}),
    "session-turns": Row(OWNED),
    "turn-rerun": Row(OWNED, "POST", {"model": "house"}),
    "session-findings": Row(OWNED),
    **{
        f"session-{verb}": Row(OWNED, "POST")
        for verb in ("start", "pause", "resume", "stop", "approve", "reject")
    },
    "project-sessions": Row(OWNED),
    "orders": Row(SIGNED),
    "order": Row(OWNED),
    "order-start": Row(OWNED, "POST", {"document": "{document}"}),
    "credits-estimate": Row(SIGNED, "POST"),
    "admin-user-credits": Row(STAFF, "POST", {"amount": 5, "reason": "Goodwill for the outage"}),
}

_FOR_ALL = Row(PUBLIC, "GET POST")
_ACCOUNT = Row(SIGNED, "GET POST")

LIBRARIES = {
    **dict.fromkeys(
        [
            "account_login", "account_logout", "account_inactive", "account_signup",
            "account_email_verification_sent", "account_reset_password", "account_reset_password_done",
            "account_reset_password_from_key", "account_reset_password_from_key_done",
            "account_confirm_login_code", "account_confirm_email", "mfa_authenticate", "mfa_login_webauthn",
            "socialaccount_login_cancelled", "socialaccount_login_error", "socialaccount_signup",
            "accounts/social/login/cancelled/", "accounts/social/login/error/", "accounts/social/signup/",
            "accounts/social/connections/", "github_login", "github_callback",
        ],
        _FOR_ALL,
    ),
    **dict.fromkeys(
        [
            "account_reauthenticate", "account_email", "account_change_password", "account_set_password",
            "mfa_index", "mfa_reauthenticate", "mfa_activate_totp", "mfa_deactivate_totp",
            "mfa_view_recovery_codes", "mfa_generate_recovery_codes", "mfa_download_recovery_codes",
            "mfa_list_webauthn", "mfa_add_webauthn", "mfa_reauthenticate_webauthn",
            "socialaccount_connections", "usersessions_list",
        ],
        _ACCOUNT,
    ),
    "mfa_remove_webauthn": Row(OWNED, "GET POST"),
    "mfa_edit_webauthn": Row(OWNED, "GET POST"),
}  # fmt: skip
"""Sign-in, two-step sign-in and the like: allauth's own views, which say themselves what they allow."""


def row_of(route: Route) -> Row | None:
    """Return the expected cells of a route; None where nobody has thought of it."""
    if route.is_admin:
        return Row(STAFF)
    if route.is_api:
        return API.get(route.name)
    return PAGES.get(route.name) or LIBRARIES.get(route.name)
