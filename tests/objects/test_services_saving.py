"""Saving: versions, stale saves, locks, and what never gets lost."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from config.common.errors import Missing, Refused, TooLarge
from objects.errors import DocumentLocked, StaleSave
from objects.models import Document, DocumentVersion
from objects.services import (
    create_document,
    lock_document,
    record_agent_version,
    restore_version,
    save_document,
    trash_document,
    unlock_document,
)
from tests.objects.soundness import broken

Cause = DocumentVersion.Cause


@pytest.fixture
def document(alice: Any) -> Document:
    return create_document(owner=alice, title="Ledger", body="One two.")


def history(document: Document) -> list[tuple[int, str, str]]:
    return list(document.versions.order_by("number").values_list("number", "cause", "body"))


def save(document: Document, user: Any, body: str, revision: int, cause: Cause = Cause.SAVE) -> Document:
    return save_document(
        document_id=document.pk, user=user, body=body, expected_revision=revision, cause=cause
    )


def test_a_save_makes_a_version_and_moves_the_revision(document: Document, alice: Any) -> None:
    saved = save(document, alice, "One two three.\r\n", 1)
    assert (saved.revision, saved.current_number, saved.word_count, saved.body) == (
        2,
        2,
        3,
        "One two three.\n",
    )
    assert saved.etag == '"r2"'
    version = saved.current
    assert (version.author, version.base_number, version.word_count) == (alice, 1, 3)
    assert saved.storage_bytes == len("One two.") + len("One two three.\n")


def test_a_stale_save_changes_nothing_and_returns_both_texts(document: Document, alice: Any) -> None:
    save(document, alice, "Theirs.", 1)
    with pytest.raises(StaleSave) as refused:
        save(document, alice, "Mine.", 1)
    assert refused.value.status == 409
    assert refused.value.details == {
        "reason": "stale", "yours": "Mine.", "theirs": "Theirs.", "revision": 2, "version": 2,
    }  # fmt: skip
    assert [body for _, _, body in history(document)] == ["One two.", "Theirs."]


def test_the_same_text_again_makes_no_version_even_when_stale(document: Document, alice: Any) -> None:
    save(document, alice, "Same.", 1)
    again = save(document, alice, "Same.", 1)
    assert (again.revision, len(history(document))) == (2, 2)


def test_autosaves_of_ten_minutes_share_one_version(document: Document, alice: Any) -> None:
    start = timezone.now()
    with time_machine.travel(start, tick=False) as clock:
        save(document, alice, "a", 1, Cause.AUTOSAVE)
        clock.shift(timedelta(minutes=10))
        save(document, alice, "ab", 2, Cause.AUTOSAVE)
        clock.shift(timedelta(seconds=1))
        saved = save(document, alice, "abc", 3, Cause.AUTOSAVE)
    assert history(document) == [
        (1, "created", "One two."), (2, "autosave", "ab"), (3, "autosave", "abc"),
    ]  # fmt: skip
    assert saved.revision == 4
    assert broken() == []


def test_a_deliberate_save_keeps_the_autosaved_text_from_being_written_over(
    document: Document, alice: Any
) -> None:
    save(document, alice, "a", 1, Cause.AUTOSAVE)
    save(document, alice, "a", 2, Cause.SAVE)
    save(document, alice, "ab", 2, Cause.AUTOSAVE)
    assert history(document)[1:] == [(2, "save", "a"), (3, "autosave", "ab")]


def test_an_autosave_never_writes_over_another_kind_of_version(document: Document, alice: Any) -> None:
    save(document, alice, "ab", 1, Cause.SAVE)
    save(document, alice, "abc", 2, Cause.AUTOSAVE)
    assert len(history(document)) == 3


def test_a_stranger_finds_nothing_to_save(document: Document, charlie: Any) -> None:
    with pytest.raises(Missing):
        save(document, charlie, "x", 1)
    with pytest.raises(Missing):
        restore_version(document_id=document.pk, user=charlie, number=1)


def test_a_trashed_document_is_not_saved(document: Document, alice: Any) -> None:
    trash_document(document_id=document.pk, user=alice)
    with pytest.raises(Missing):
        save(document, alice, "x", 1)


def test_restoring_makes_a_new_version_of_an_old_text(document: Document, alice: Any) -> None:
    save(document, alice, "Later.", 1)
    restored = restore_version(document_id=document.pk, user=alice, number=1)
    assert (restored.body, restored.current_number, restored.current.base_number) == ("One two.", 3, 1)
    assert restore_version(document_id=document.pk, user=alice, number=3).current_number == 3
    with pytest.raises(Missing):
        restore_version(document_id=document.pk, user=alice, number=9)


def test_the_plan_bounds_the_words_but_a_long_text_may_get_shorter(document: Document, alice: Any) -> None:
    with pytest.raises(Refused) as refused:
        save(document, alice, "word " * 3001, 1)
    assert refused.value.code == "limit_reached"
    assert refused.value.details["used"] == 3001
    session = uuid.uuid4()
    lock_document(document_id=document.pk, holder=session)
    record(document, session, "word " * 3500, 1)
    unlock_document(document_id=document.pk, holder=session)
    assert save(document, alice, "word " * 3400, 2).word_count == 3400
    with pytest.raises(Refused):
        save(document, alice, "word " * 3401, 3)


def test_no_text_is_larger_than_a_document_holds(document: Document, alice: Any) -> None:
    with pytest.raises(TooLarge):
        save(document, alice, "x" * (2 * 1024 * 1024 + 1), 1)


def record(document: Document, session: uuid.UUID, body: str, revision: int) -> DocumentVersion:
    return record_agent_version(
        document_id=document.pk,
        body=body,
        agent_label="Writer",
        session_id=session,
        turn_id=uuid.uuid4(),
        expected_revision=revision,
    )


def test_an_agent_writes_under_its_lock_only(document: Document, alice: Any) -> None:
    session = uuid.uuid4()
    with pytest.raises(DocumentLocked):
        record(document, session, "x", 1)
    lock_document(document_id=document.pk, holder=session)
    version = record(document, session, "Agent's text.", 1)
    assert (version.number, version.cause, version.byline, version.author) == (2, "agent", "Writer", None)
    with pytest.raises(StaleSave):
        record(document, session, "y", 1)
    with pytest.raises(DocumentLocked):
        record(document, uuid.uuid4(), "z", 2)
    assert broken() == []


def test_an_agents_unchanged_text_is_a_version_too(document: Document) -> None:
    session = uuid.uuid4()
    lock_document(document_id=document.pk, holder=session)
    assert record(document, session, "One two.", 1).number == 2


def test_people_wait_while_a_session_writes_and_lose_nothing(document: Document, alice: Any) -> None:
    session = uuid.uuid4()
    lock_document(document_id=document.pk, holder=session)
    for act in (
        lambda: save(document, alice, "mine", 1),
        lambda: restore_version(document_id=document.pk, user=alice, number=1),
        lambda: trash_document(document_id=document.pk, user=alice),
    ):
        with pytest.raises(DocumentLocked, match="Pause it to edit"):
            act()
    with pytest.raises(DocumentLocked) as refused:
        save(document, alice, "mine", 1)
    assert refused.value.details == {"reason": "locked", "yours": "mine"}
    assert unlock_document(document_id=document.pk, holder=session) is True
    assert save(document, alice, "mine", 1).body == "mine"


def test_locks_belong_to_their_holder(document: Document) -> None:
    session, other = uuid.uuid4(), uuid.uuid4()
    lock_document(document_id=document.pk, holder=session)
    lock_document(document_id=document.pk, holder=session)
    with pytest.raises(DocumentLocked):
        lock_document(document_id=document.pk, holder=other)
    assert unlock_document(document_id=document.pk, holder=other) is False
    assert unlock_document(document_id=document.pk, holder=session) is True
    assert unlock_document(document_id=document.pk, holder=session) is False


def test_what_a_session_read_is_not_written_over_by_autosaves(document: Document, alice: Any) -> None:
    save(document, alice, "a", 1, Cause.AUTOSAVE)
    session = uuid.uuid4()
    assert lock_document(document_id=document.pk, holder=session).current_number == 2
    unlock_document(document_id=document.pk, holder=session)
    save(document, alice, "ab", 2, Cause.AUTOSAVE)
    assert history(document)[1:] == [(2, "save", "a"), (3, "autosave", "ab")]
