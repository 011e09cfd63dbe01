"""The admin's sidebar and front page: every list has its place, every link leads somewhere."""

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission

from accounts.models import User
from adminpanel.sections import SECTIONS
from tests.support.people import open_operator, operator_client

MONITOR = "/admin/orchestration/session/monitor/"


def sidebar(client: Any, path: str = "/admin/") -> dict[str, list[dict[str, Any]]]:
    """What the sidebar shows on a page: sections with their items."""
    groups = client.get(path).context["sidebar_navigation"]
    return {group["title"]: group["items"] for group in groups}


def test_every_list_stands_in_one_section() -> None:
    placed = [label for section in SECTIONS for label in section.models]
    assert len(placed) == len(set(placed))
    assert {model._meta.label for model in admin.site._registry} <= set(placed)


def test_sections_stand_in_an_operators_order(operators: Any) -> None:
    shown = sidebar(operators)
    assert list(shown) == ["People", "Money", "Stripe", "Writing", "Sessions", "System"]
    assert [item["title"] for item in shown["Sessions"]] == [
        "What runs now",
        "Estimates",
        "Sessions",
        "Turns",
        "Findings",
        "Service orders",
    ]
    assert [app["name"] for app in operators.get("/admin/").context["app_list"]] == list(shown)


def test_every_link_leads_somewhere(operators: Any) -> None:
    for items in sidebar(operators).values():
        for item in items:
            assert operators.get(item["link"]).status_code == 200, item
    for app in operators.get("/admin/").context["app_list"]:
        assert operators.get(app["app_url"]).status_code == 200


@pytest.mark.parametrize(
    ("path", "title"), [(MONITOR, "What runs now"), ("/admin/orchestration/session/", "Sessions")]
)
def test_one_page_is_marked_as_open(operators: Any, path: str, title: str) -> None:
    shown = sidebar(operators, path)
    assert [item["title"] for items in shown.values() for item in items if item["active"]] == [title]


def test_an_operator_sees_only_what_they_may_read(db: None) -> None:
    clerk = open_operator("clerk")
    User.objects.filter(pk=clerk.pk).update(is_superuser=False)
    clerk.user_permissions.set(Permission.objects.filter(codename="view_session"))
    client = operator_client(User.objects.get(pk=clerk.pk))
    shown = {title: [item["title"] for item in items] for title, items in sidebar(client).items()}
    assert {title: items for title, items in shown.items() if items} == {
        "Sessions": ["What runs now", "Estimates", "Sessions"]
    }
    assert client.get("/admin/orchestration/turn/").status_code == 403
    assert client.get(MONITOR).status_code == 200
