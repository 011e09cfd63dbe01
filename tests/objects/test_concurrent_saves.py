"""Two people, or two tabs, saving at once: one wins, the other keeps both texts."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from config.common.errors import Refused
from objects.errors import StaleSave
from objects.models import Document, DocumentVersion, Project
from objects.services import create_document, create_project, save_document
from tests.objects.soundness import broken

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 12


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Run each act in a thread of its own, started together; return results or refusals."""
    start, results = threading.Barrier(len(acts)), [None] * len(acts)

    def run(index: int, act: Callable[[], Any]) -> None:
        try:
            start.wait()
            results[index] = act()
        except Exception as error:  # the assertion looks at it
            results[index] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def texts(document: Document) -> set[str]:
    return set(document.versions.values_list("body", flat=True))


def test_of_two_saves_one_wins_and_the_other_gets_both_texts(alice: Any) -> None:
    document = create_document(owner=alice, title="x", body="start")
    for turn in range(ROUNDS):
        document.refresh_from_db()
        revision = document.revision
        mine, yours = f"left {turn}", f"right {turn}"
        results = at_once(
            *(
                lambda body=body, revision=revision: save_document(
                    document_id=document.pk, user=alice, body=body, expected_revision=revision
                )
                for body in (mine, yours)
            )
        )
        lost = [result for result in results if isinstance(result, StaleSave)]
        assert len(lost) == 1, results
        assert {lost[0].details["yours"], lost[0].details["theirs"]} == {mine, yours}
        assert lost[0].details["theirs"] in texts(document)
    assert broken() == []
    assert document.versions.count() == ROUNDS + 1


def test_the_naive_way_loses_text(alice: Any) -> None:
    """The positive control: without the lock and the revision the same race does lose a text."""
    document = create_document(owner=alice, title="x", body="start")
    version = document.current
    both_read = threading.Barrier(2)

    def naive(body: str) -> None:
        mine = DocumentVersion.objects.get(pk=version.pk)
        both_read.wait()
        mine.body = body
        mine.save()

    results = at_once(lambda: naive("left"), lambda: naive("right"))
    assert results == [None, None]
    assert len(texts(document)) == 1


def test_the_last_place_of_a_plan_is_given_once(alice: Any) -> None:
    create_project(owner=alice, fields={"title": "first"})
    results = at_once(
        *(
            lambda title=title: create_project(owner=alice, fields={"title": title})
            for title in ("a", "b", "c", "d")
        )
    )
    assert sum(isinstance(result, Refused) for result in results) == 3
    assert Project.objects.filter(owner=alice).count() == 2
