"""Old versions go when the plan says so; the text never does."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.utils import timezone

from objects.models import Document
from objects.services import create_document, lock_document, save_document
from objects.services.retention import prune_versions
from objects.tasks import prune
from tests.objects.plans import put_on
from tests.objects.soundness import broken


@pytest.fixture
def document(alice: Any) -> Document:
    document = create_document(owner=alice, title="x", body="é one")
    for revision in (1, 2):
        save_document(document_id=document.pk, user=alice, body=f"é {revision}", expected_revision=revision)
    return document


def numbers(document: Document) -> list[int]:
    return list(document.versions.order_by("number").values_list("number", flat=True))


def test_the_free_plan_keeps_thirty_days_and_always_the_text(document: Document) -> None:
    with time_machine.travel(timezone.now() + timedelta(days=29)):
        assert prune_versions() == 0
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        assert prune_versions() == 2
        assert prune_versions() == 0
    assert numbers(document) == [3]
    assert broken() == []


def test_other_plans_keep_all(document: Document, alice: Any) -> None:
    put_on(alice, "starter")
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        assert prune_versions() == 0


def test_what_a_session_holds_waits(document: Document) -> None:
    lock_document(document_id=document.pk, holder=uuid4())
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        prune()
    assert numbers(document) == [1, 2, 3]
