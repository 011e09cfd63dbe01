"""What exceeds the plan is read, not changed, and nothing of it is lost; with the plan everything is back."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import User
from accounts.services.avatars import add_avatar, update_avatar
from billing.models import PlanTerms
from config.common.errors import Refused
from objects.models import Document
from objects.services import (
    create_document,
    create_project,
    import_document,
    save_document,
)
from orchestration import services
from orchestration.models import Session
from tests.support.sessions import on_plan, started

WORDS = "one two three four five six seven eight nine ten"


def limited(user: Any, **limits: Any) -> Any:
    """Let the plan that `user` is on carry so much; return the user as a new request would have them."""
    terms = PlanTerms.objects.get(subscriptions__user=user, subscriptions__ended_at=None)
    terms.limits_json = {**terms.limits_json, **limits}
    terms.save()
    return User.objects.get(pk=user.pk)


def edit(document: Any, user: Any, body: str) -> Any:
    document.refresh_from_db()
    return save_document(document_id=document.pk, user=user, body=body, expected_revision=document.revision)


def shelf(user: Any, count: int) -> list[Any]:
    """Make projects, one after the other, each with a document; return them, the one last worked on last."""
    projects = [create_project(owner=user, fields={"title": f"Project {n}"}) for n in range(count)]
    for project in projects:
        create_document(owner=user, project=project, title=project.title, body=WORDS)
    return projects


def document_in(project: Any) -> Any:
    return Document.objects.get(project=project)


@dataclass(frozen=True)
class Case:
    """One limit: what there is of it, what one then tries, and whether standing at the limit leaves room."""

    make: Callable[[Any], Any]
    attempt: Callable[[Any, Any], Any]
    limits: dict[str, dict[str, Any]]
    read: Callable[[Any, Any], Any]
    at_is_full: bool = False


def _three(user: Any) -> Any:
    """Make three documents, and return one of them."""
    return [create_document(owner=user, title=f"{n}", body="x") for n in range(3)].pop()


def _paused(user: Any) -> Session:
    session = started(user, model="house", roles=("writer", "style_editor"), max_rounds=3)
    services.pause(session_id=session.pk, user=user)
    session.refresh_from_db()
    assert session.status == "paused"
    return session


def _resume(user: Any, session: Session) -> Any:
    return services.resume(session_id=session.pk, user=user)


def _figures(name: str, count: int) -> dict[str, dict[str, Any]]:
    return {
        "under": {name: count + 1},
        "at": {name: count},
        "over": {name: count - 1},
        "back": {name: count + 1},
    }


def _read_document(user: Any, document: Any) -> str:
    return str(Document.objects.visible_to(user).get(pk=document.pk).body)


CASES = {
    "projects": Case(
        make=lambda user: document_in(shelf(user, 3)[0]),
        attempt=lambda user, document: edit(document, user, "Other words."),
        limits=_figures("projects", 3),
        read=_read_document,
    ),
    "words": Case(
        make=lambda user: create_document(owner=user, title="Ten", body=WORDS),
        attempt=lambda user, document: edit(document, user, f"{WORDS} eleven"),
        limits={
            "under": {"words_per_document": 12},
            "at": {"words_per_document": 11},
            "over": {"words_per_document": 9},
            "back": {"words_per_document": 11},
        },
        read=_read_document,
    ),
    "objects": Case(
        make=_three,
        attempt=lambda user, document: create_document(owner=user, title="One more", body="x"),
        limits=_figures("objects", 3),
        read=_read_document,
        at_is_full=True,
    ),
    "storage": Case(
        make=lambda user: create_document(owner=user, title="Bytes", body="x" * 100),
        attempt=lambda user, document: import_document(owner=user, file=SimpleUploadedFile("a.txt", b"y")),
        limits=_figures("storage_bytes", 100),
        read=_read_document,
        at_is_full=True,
    ),
    "avatars": Case(
        make=lambda user: add_avatar(user=user, display_name="A. M."),
        attempt=lambda user, avatar: update_avatar(avatar=type(avatar).objects.get(pk=avatar.pk), bio="Dry."),
        limits={
            "under": {"multiple_avatars": True, "avatar_creations": 3},
            "at": {"multiple_avatars": True, "avatar_creations": 2},
            "over": {"multiple_avatars": False},
            "back": {"multiple_avatars": True},
        },
        read=lambda user, avatar: user.avatars.get(pk=avatar.pk).display_name,
    ),
    "agents": Case(
        make=_paused,
        attempt=_resume,
        limits=_figures("agents_per_session", 2),
        read=lambda user, session: Session.objects.visible_to(user).get(pk=session.pk).title,
    ),
    "rounds": Case(
        make=_paused,
        attempt=_resume,
        limits=_figures("rounds_per_session", 3),
        read=lambda user, session: Session.objects.visible_to(user).get(pk=session.pk).title,
    ),
}


@pytest.mark.parametrize("state", ["under", "at", "over", "back"])
@pytest.mark.parametrize("name", CASES)
def test_each_limit_under_at_and_over_it_and_back(author: Any, name: str, state: str) -> None:
    case = CASES[name]
    things = case.make(author)
    user = limited(author, **case.limits["over" if state == "back" else state])
    if state == "back":
        with pytest.raises(Refused):
            case.attempt(user, things)
        user = limited(author, **case.limits["back"])
    words = case.read(user, things)
    assert words
    if state == "over" or (state == "at" and case.at_is_full):
        with pytest.raises(Refused) as refused:
            case.attempt(user, things)
        assert refused.value.code in ("limit_reached", "feature_not_in_plan")
        assert {"your_plan", "plan"} <= set(refused.value.details)
        assert case.read(user, things) == words, "what is refused changes nothing"
    else:
        case.attempt(user, things)


@pytest.fixture
def author(transactional_db: None) -> Any:
    """Alice on a plan that carries all of it."""
    from tests.support.people import open_account

    return on_plan(open_account("alice"), "enterprise")
