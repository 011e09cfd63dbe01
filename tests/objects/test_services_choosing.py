"""Taking some changes of a proposed version over, and leaving the others."""

import uuid
from functools import partial
from typing import Any

import pytest

from config.common.errors import DomainError, Invalid, Missing, Refused
from objects.errors import DocumentLocked, StaleSave
from objects.models import Document, DocumentVersion
from objects.services import choose_changes, create_document, lock_document, save_document
from tests.objects.soundness import broken
from tests.support.sessions import race

OLD = "The keeper wrote in order to know.\n\nHe slept.\n\nThe boy was there."
NEW = "The keeper wrote to know.\n\nThe boy stood there.\n\nIt was late."
"""Three changes: words gone, a paragraph gone, words replaced; and a fourth: a paragraph come."""


@pytest.fixture
def document(alice: Any) -> Document:
    document = create_document(owner=alice, title="Ledger", body=OLD)
    return save_document(document_id=document.pk, user=alice, body=NEW, expected_revision=1)


def choose(document: Document, user: Any, accepted: Any, **other: Any) -> Document:
    fields = {"base": 1, "proposed": 2, "expected_revision": 2, **other}
    return choose_changes(document_id=document.pk, user=user, accepted=accepted, **fields)


@pytest.mark.parametrize(
    ("accepted", "body"),
    [
        ((), OLD),
        ({1}, "The keeper wrote to know.\n\nHe slept.\n\nThe boy was there."),
        (
            [4, 3, 3],
            "The keeper wrote in order to know.\n\nHe slept.\n\nThe boy stood there.\n\nIt was late.",
        ),
        ((1, 2, 3), "The keeper wrote to know.\n\nThe boy stood there."),
    ],
)
def test_the_accepted_changes_are_kept_and_the_others_undone(
    document: Document, alice: Any, accepted: Any, body: str
) -> None:
    saved = choose(document, alice, accepted)
    version = saved.current
    assert (saved.body, saved.current_number, saved.revision) == (body, 3, 3)
    assert (version.cause, version.author, version.base_number) == ("choice", alice, 2)
    assert version.cause_text == f"{len(set(accepted))} of 4 changes kept"
    assert list(document.versions.filter(number__lt=3).values_list("body", flat=True)) == [NEW, OLD]
    assert broken() == []


def test_keeping_everything_makes_no_version(document: Document, alice: Any) -> None:
    saved = choose(document, alice, {1, 2, 3, 4})
    assert (saved.body, saved.current_number, saved.revision) == (NEW, 2, 2)


def refused(error: type[DomainError], document: Document, user: Any, accepted: Any, **other: Any) -> Any:
    """Return the refusal; nothing was changed by what led to it."""
    before = list(DocumentVersion.objects.order_by("pk").values())
    rows = list(Document.objects.values())
    with pytest.raises(error) as caught:
        choose(document, user, accepted, **other)
    assert list(DocumentVersion.objects.order_by("pk").values()) == before
    assert list(Document.objects.values()) == rows
    return caught.value


@pytest.mark.parametrize(
    ("accepted", "other", "field"),
    [
        ({1, 5}, {}, "accepted"),
        ({0}, {}, "accepted"),
        ((), {"base": 2}, "against"),
        ((), {"base": 3}, "against"),
    ],
)
def test_what_is_no_choice_is_named(
    document: Document, alice: Any, accepted: Any, other: dict[str, int], field: str
) -> None:
    assert field in refused(Invalid, document, alice, accepted, **other).details["fields"]


def test_it_is_the_owners_and_about_versions_that_are_there(
    document: Document, alice: Any, charlie: Any
) -> None:
    refused(Missing, document, charlie, ())
    refused(Missing, document, alice, (), proposed=9)
    refused(Missing, document, alice, (), base=0)


def test_a_choice_about_another_revision_is_stale_even_where_it_keeps_everything(
    document: Document, alice: Any
) -> None:
    refused(StaleSave, document, alice, {1, 2, 3, 4}, expected_revision=1)


def test_a_text_that_moved_on_is_not_written_over(document: Document, alice: Any) -> None:
    save_document(document_id=document.pk, user=alice, body="Theirs.", expected_revision=2)
    for revision in (2, 3):  # neither with the revision that was read, nor with the present one
        stale = refused(StaleSave, document, alice, {2, 3, 4}, expected_revision=revision)
        assert (stale.details["theirs"], stale.details["revision"], stale.details["version"]) == (
            "Theirs.",
            3,
            3,
        )
        assert stale.details["yours"] == OLD.partition("\n")[0] + "\n\n" + NEW.partition("\n\n")[2]


def test_an_autosave_over_the_proposed_version_is_seen(document: Document, alice: Any) -> None:
    Cause = DocumentVersion.Cause
    save_document(document_id=document.pk, user=alice, body="a", expected_revision=2, cause=Cause.AUTOSAVE)
    save_document(document_id=document.pk, user=alice, body="ab", expected_revision=3, cause=Cause.AUTOSAVE)
    refused(StaleSave, document, alice, (), base=2, proposed=3, expected_revision=3)


def test_while_a_session_writes_the_choice_is_kept_in_the_refusal(document: Document, alice: Any) -> None:
    lock_document(document_id=document.pk, holder=uuid.uuid4())
    error = refused(DocumentLocked, document, alice, ())
    assert error.details["yours"] == OLD


def test_the_plans_words_bind(alice: Any) -> None:
    document = create_document(owner=alice, title="Long", body="word " * 2990)
    save_document(document_id=document.pk, user=alice, body="other " * 20, expected_revision=1)
    Document.objects.update(word_count=20)
    DocumentVersion.objects.filter(number=1).update(body="word " * 3001)
    refused(Refused, document, alice, ())


@pytest.mark.django_db(transaction=True)
def test_of_two_choices_at_the_same_moment_one_is_stale(alice: Any) -> None:
    for _ in range(5):
        document = create_document(owner=alice, title="Ledger", body=OLD)
        save_document(document_id=document.pk, user=alice, body=NEW, expected_revision=1)
        results = race(partial(choose, document, alice, {1}), partial(choose, document, alice, {2}))
        assert sorted(type(result).__name__ for result in results) == ["Document", "StaleSave"]
        assert document.versions.count() == 3
    assert broken() == []
