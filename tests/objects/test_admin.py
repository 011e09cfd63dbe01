"""What operators see of writers' work."""

from typing import Any

import pytest
from django.contrib import admin
from django.test import RequestFactory

from objects.models import Document, Project
from objects.services import create_document, create_project
from tests.support.people import open_operator, operator_client


@pytest.mark.parametrize("model", [Project, Document])
def test_operators_read_and_change_nothing(alice: Any, model: Any) -> None:
    alice.is_staff = alice.is_superuser = True
    request = RequestFactory().get("/admin/")
    request.user = alice
    registered = admin.site._registry[model]
    assert registered.has_view_permission(request)
    assert not registered.has_add_permission(request)
    assert not registered.has_change_permission(request)
    assert not registered.has_delete_permission(request)


def test_the_admin_never_shows_the_text(alice: Any) -> None:
    project = create_project(owner=alice, fields={"title": "Harbour", "synopsis": "canary-synopsis"})
    document = create_document(owner=alice, project=project, title="<b>Ledger</b>", body="canary-body")
    client = operator_client(open_operator())
    for where in (
        "/admin/objects/project/",
        f"/admin/objects/project/{project.pk}/change/",
        "/admin/objects/document/",
        f"/admin/objects/document/{document.pk}/change/",
        "/admin/objects/document/?q=alice",
        "/admin/objects/document/?lock_holder__isempty=1",
    ):
        answer = client.get(where)
        assert answer.status_code == 200, where
        text = answer.content.decode()
        assert "canary" not in text
        assert "<b>Ledger</b>" not in text
