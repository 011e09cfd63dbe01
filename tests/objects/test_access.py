"""The one door."""

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser

from objects.models import Document, NarrativeObject, Project
from objects.services import create_document, create_project


@pytest.mark.parametrize("model", [Project, Document, NarrativeObject])
def test_only_the_owner_sees_and_edits(alice: Any, charlie: Any, model: Any) -> None:
    create_project(owner=alice, fields={"title": "a"})
    create_document(owner=alice, title="x")
    for seen in (model.objects.visible_to, model.objects.editable_by):
        assert seen(alice).count() == 1
        assert seen(charlie).count() == 0
        assert seen(AnonymousUser()).count() == 0
    alice.is_active = False
    assert model.objects.visible_to(alice).count() == 0
