"""Where operators find what: the sections of the sidebar and of the admin's front page, in their order."""

from dataclasses import dataclass, field
from typing import Any

from django.contrib.admin import AdminSite, ModelAdmin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.text import capfirst


@dataclass(frozen=True, slots=True)
class Page:
    """A page that is not a model's list: its title, its URL's name, and whose list's readers may see it."""

    title: str
    url_name: str
    icon: str
    model: str


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, the models under it (`app.Model` to icon), and pages that come before them."""

    title: str
    models: dict[str, str]
    pages: tuple[Page, ...] = field(default=())


SECTIONS = (
    Section("People", {"accounts.User": "group"}),
    Section(
        "Money",
        {
            "billing.Subscription": "card_membership",
            "billing.StripeSubscription": "autorenew",
            "billing.Payment": "payments",
            "billing.Reversal": "undo",
            "credits.Wallet": "account_balance_wallet",
            "credits.Entry": "receipt_long",
            "credits.Lot": "redeem",
            "credits.Hold": "lock_clock",
            "credits.Correction": "currency_exchange",
            "credits.UsageRecord": "monitoring",
            "billing.FreeGrant": "volunteer_activism",
            "billing.CatalogueVersion": "menu_book",
            "billing.Plan": "sell",
            "billing.PlanTerms": "gavel",
            "billing.ModelPrice": "price_change",
            "billing.AgentPrice": "smart_toy",
            "billing.Product": "shopping_bag",
        },
        (
            Page("Usage and cost", "admin:usage", "query_stats", "credits.UsageRecord"),
            Page(
                "Waiting for approval", "admin:credits_correction_waiting", "how_to_reg", "credits.Correction"
            ),
        ),
    ),
    Section(
        "Stripe",
        {
            "billing.WebhookEvent": "webhook",
            "billing.Reconciliation": "compare_arrows",
            "billing.Difference": "difference",
            "billing.StripeRequest": "outbox",
        },
    ),
    Section("Writing", {"objects.Project": "folder", "objects.Document": "description"}),
    Section(
        "Sessions",
        {
            "orchestration.Session": "groups",
            "orchestration.Turn": "edit_note",
            "orchestration.Finding": "flag",
            "orchestration.ServiceOrder": "assignment",
        },
        (
            Page("What runs now", "admin:orchestration_session_monitor", "sensors", "orchestration.Session"),
            Page(
                "Estimates", "admin:orchestration_session_estimates", "query_stats", "orchestration.Session"
            ),
        ),
    ),
    Section(
        "System",
        {
            "accounts.AuditEntry": "history_edu",
            "accounts.Delivery": "outgoing_mail",
            "orchestration.AIRequest": "neurology",
        },
    ),
)
"""A model that is registered and stands in no section fails a test."""


def sidebar(site: AdminSite, request: HttpRequest) -> list[dict[str, Any]]:
    """Return the sidebar as Unfold's templates want it: what this operator may see, the open page marked."""
    found = []
    for section in SECTIONS:
        items = [_item(row) for row in _rows(site, section, request)]
        here = max(
            (item for item in items if request.path.startswith(item["link"])), key=_depth, default=None
        )
        if here:
            here["active"] = True
        found.append({"title": section.title, "items": items})
    return found


def front_page(site: AdminSite, request: HttpRequest) -> list[dict[str, Any]]:
    """Return the front page's list as Django wants it of apps: one of each section."""
    found = []
    for section in SECTIONS:
        rows = _rows(site, section, request)
        if rows:
            found.append(
                {
                    "name": section.title,
                    "app_label": section.title.lower(),
                    "app_url": rows[0]["admin_url"],
                    "has_module_perms": True,
                    "models": rows,
                }
            )
    return found


def _rows(site: AdminSite, section: Section, request: HttpRequest) -> list[dict[str, Any]]:
    registered = {model._meta.label: admin for model, admin in site._registry.items()}
    pages = [
        {
            "name": page.title,
            "object_name": "",
            "admin_url": reverse(page.url_name),
            "icon": page.icon,
            "view_only": True,
        }
        for page in section.pages
        if page.model in registered and registered[page.model].has_view_permission(request)
    ]
    models = [
        _model_row(registered[label], icon, request)
        for label, icon in section.models.items()
        if label in registered and registered[label].has_view_permission(request)
    ]
    return pages + models


def _model_row(admin: "ModelAdmin[Any]", icon: str, request: HttpRequest) -> dict[str, Any]:
    meta = admin.model._meta
    name = f"admin:{meta.app_label}_{meta.model_name}"
    allowed = admin.get_model_perms(request)
    return {
        "model": admin.model,
        "name": capfirst(meta.verbose_name_plural),
        "object_name": meta.object_name,
        "perms": allowed,
        "admin_url": reverse(f"{name}_changelist"),
        "add_url": reverse(f"{name}_add") if allowed["add"] else None,
        "view_only": not allowed["change"],
        "icon": icon,
    }


def _item(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "title": row["name"],
        "icon": row["icon"],
        "link": row["admin_url"],
        "active": False,
        "has_permission": True,
    }


def _depth(item: dict[str, Any]) -> int:
    """How far down its link goes: of two that the open page lies under, the nearer one is open."""
    return len(item["link"])
