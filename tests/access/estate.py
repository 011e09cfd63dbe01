"""What alice owns, made by the real services, every text of it marked; and the people who come to look."""

import time
from dataclasses import dataclass
from typing import Any

from allauth.mfa.models import Authenticator
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import ApiKey, Avatar
from accounts.services.avatars import add_avatar, update_avatar
from accounts.services.notifications import notify
from accounts.services.profile import update_profile
from accounts.services.suspension import suspend
from config.common import clock
from objects.services import create_document, create_project, save_document, trash_document
from orchestration import services
from orchestration.models import ServiceOrder
from orchestration.spec import read_spec
from tests.billing.given_back import buy
from tests.support.people import api_for, client_for, open_account, open_operator, operator_client
from tests.support.providers import ModelServer, by_role, editor_answer, writer_answer
from tests.support.sessions import MODEL, drive, on_plan

PASSKEY = 900_001


@dataclass(frozen=True)
class Estate:
    """One person's rows, by the names that the routes' parameters and bodies use."""

    owner: Any
    canary: str
    project: Any
    document: Any
    trashed: Any
    session: Any
    turn: Any
    avatar: Any
    reference: Any
    notice: Any
    order: Any
    key: Any

    def ids(self) -> dict[str, str]:
        """The ids that a stranger may try."""
        rows = (
            "project", "document", "trashed", "session", "turn", "avatar", "reference", "notice", "order", "key",
        )  # fmt: skip
        return {name: str(getattr(self, name).pk) for name in rows}

    def names(self) -> dict[str, str]:
        """What addresses and bodies are filled with."""
        return {
            **self.ids(),
            "revision": str(self.document.revision),
            "number": str(self.document.current_number),
        }


def build(name: str, models: ModelServer) -> Estate:
    """Give `name` an account on the pro plan with one of everything, all of it marked with a canary."""
    canary = f"{name}-canary-7d1f"
    owner = on_plan(open_account(name))
    update_profile(user=owner, display_name=canary)
    persona = dict.fromkeys(("display_name", "bio", "voice_guide"), canary)
    update_avatar(avatar=Avatar.objects.get(user=owner, is_primary=True), **persona)
    avatar = add_avatar(user=owner, **persona)
    words = dict.fromkeys(("title", "description", "genre", "synopsis"), canary)
    project = create_project(owner=owner, fields=words)
    body = f"{canary} in order to know the sea."
    document = create_document(owner=owner, project=project, title=canary, body=body)
    save_document(document_id=document.pk, user=owner, body=f"{body} Again.", expected_revision=1)
    trashed = create_document(owner=owner, title=canary, body=canary)
    trash_document(document_id=trashed.pk, user=owner)
    reference = create_document(owner=owner, title=canary, body=canary)
    session = _session_for_review(owner, document, project, reference, canary, models)
    document.refresh_from_db()
    turn = session.turns.standing().last()
    told = {"kind": "run_finished", "cause": canary, "title": canary, "body": canary}
    notice = notify(user=owner, url=f"/sessions/{session.pk}/", **told)
    order = ServiceOrder.objects.get(payment=buy(owner, "manuscript-review", number=name))
    key = ApiKey.objects.create(  # made when the plan had them
        user=owner, name=canary, prefix="atelier_canary", digest=canary.encode(), created_at=clock.now()
    )
    return Estate(
        owner, canary, project, document, trashed, session, turn, avatar, reference, notice, order, key
    )


def give_passkey(estate: Estate) -> None:
    """Give the owner a passkey (its key is none: it can be named and removed, not signed in with)."""
    Authenticator.objects.create(
        pk=PASSKEY,
        user=estate.owner,
        type=Authenticator.Type.WEBAUTHN,
        data={"name": estate.canary, "credential": {}},
    )


def _session_for_review(
    owner: Any, document: Any, project: Any, reference: Any, canary: str, models: ModelServer
) -> Any:
    models.script = by_role(
        writer=writer_answer(f"{canary} to know the sea."), content_expert=editor_answer(canary)
    )
    data = {
        "document": document.pk,
        "project": project.pk,
        "title": canary,
        "instructions": canary,
        "roles": [
            {"role": role, "model": MODEL, "instructions": f"{opening} {canary}"}
            for role, opening in (
                ("writer", "You are the Writer."),
                ("content_expert", "You are the Content Expert."),
            )
        ],
        "references": [{"document": reference.pk, "instructions": canary}],
        "max_rounds": 2,
        "approve_rounds": True,
    }
    session = services.create_session(owner=owner, spec=read_spec(owner=owner, data=data))
    services.start_session(session_id=session.pk, user=owner)
    services.add_note(session_id=session.pk, user=owner, text=canary)
    return drive(session)


@dataclass(frozen=True)
class Visitor:
    """Somebody with a browser and a program."""

    name: str
    browser: Client
    program: APIClient

    @property
    def is_in(self) -> bool:
        """Whether the product knows them."""
        return self.name not in ("nobody", "suspended")


def visitors(alice: Any, charlie: Any) -> list[Visitor]:
    """The owner, and everybody who is not: nobody, a stranger, a suspended user, staff with and without MFA."""
    sam, olga = open_account("sam"), open_operator()
    shut_out = Visitor("suspended", client_for(sam), api_for(sam))
    suspend(user=sam)
    clerk = open_account("clerk", is_staff=True, is_superuser=True)
    people = [
        Visitor("nobody", client_for(None), api_for(None)),
        shut_out,
        Visitor("charlie", client_for(charlie), api_for(charlie)),
        Visitor("staff", client_for(clerk), api_for(clerk)),
        Visitor("staff with MFA", operator_client(olga), api_for(olga)),
        Visitor("alice", client_for(alice), api_for(alice)),
    ]
    for person in people:
        person.browser.raise_request_exception = person.program.raise_request_exception = False
        if person.is_in:
            _just_signed_in(person.browser)
    return people


def _just_signed_in(browser: Client) -> None:
    """Spare the visitor the question for the password again, which would stand before everything else."""
    session = browser.session
    session["account_authentication_methods"] = [
        {"method": "password", "at": time.time(), "reauthenticated": True}
    ]
    session["account_authentication_methods_user"] = session["_auth_user_id"]
    session.save()
