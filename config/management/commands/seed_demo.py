"""Makes the demo account: a project, two documents and a finished session, all by the real services."""

import secrets
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import transaction
from django.test.utils import override_settings

from accounts.models import User
from accounts.services.verification import vouch_for
from billing.models import Plan
from billing.provisioning import comp_plan
from config.common import clock
from objects.services import create_document, create_project
from orchestration import services
from orchestration.models import Session, Turn
from orchestration.runtime import worker
from orchestration.spec import read_spec

EMAIL = "demo@atelier.example"
PLAN = "pro"
TEXTS = Path(__file__).resolve().parent.parent.parent / "devserver" / "demo"
STORY = "the-lighthouse-keepers-ledger"
LETTER = "letter-to-the-board"
_INSTRUCTIONS = "Tighten it, and keep the keeper’s dry voice. British spelling."
_TEAM = ["writer", "content_expert", "style_editor", "synthesizer"]


class Command(BaseCommand):
    """Creates what is missing, and prints how to sign in."""

    help = "Make the demo account with a project, documents and a finished session; print its sign-in."

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the account once; finish its session if an earlier start was cut off."""
        password = _password()
        user = User.objects.filter(email=EMAIL).first() or _open_account(password)
        session = Session.objects.filter(owner=user).first() or _open_session(user)
        if not session.is_ended:
            self.stdout.write("writing the demo session …")
            _finish(session, user)
        self.stdout.write(f"Demo sign-in: {EMAIL} / {password}")


def _password() -> str:
    """Return the demo's password, drawn once for this folder: no two studios share one."""
    file = Path(settings.VAR_DIR) / "demo-password"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"lighthouse-{secrets.token_hex(4)}")
        file.chmod(0o600)
    return file.read_text().strip()


@transaction.atomic
def _open_account(password: str) -> User:
    user = User.objects.create_user(EMAIL, password, display_name="Mara Holt", time_zone="Europe/Lisbon")
    vouch_for(user=user)
    comp_plan(
        user=user,
        plan=Plan.objects.get(code=PLAN),
        until=clock.now() + timedelta(days=365),
        actor=user,
        reason="The demo account shows what a paid plan carries.",
    )
    return user


@transaction.atomic
def _open_session(user: User) -> Session:
    project = create_project(
        owner=user,
        fields={
            "title": "Harbour stories",
            "description": "Six stories about one stretch of coast, and the people who write it down.",
            "genre": "Literary fiction",
        },
    )
    create_document(owner=user, project=project, title="Letter to the Harbour Board", body=_text(LETTER))
    story = create_document(
        owner=user, project=project, title="The Lighthouse Keeper’s Ledger", body=_text(STORY)
    )
    spec = read_spec(
        owner=user,
        data={
            "document": story,
            "title": "A first edit",
            "instructions": _INSTRUCTIONS,
            "roles": [{"role": role} for role in _TEAM],
            "max_rounds": 3,
            "cap_credits": 20,
        },
    )
    return services.create_session(owner=user, spec=spec)


def _text(name: str) -> str:
    return (TEXTS / f"{name}.md").read_text()


def _finish(session: Session, user: User) -> None:
    """Start the session and take its turns here, as a worker would, without its pace."""
    services.start_session(session_id=session.pk, user=user)
    with override_settings(HOUSE_WORDS_PER_SECOND=0):
        while turn := Turn.objects.filter(session=session).runnable().order_by("created_at").first():
            worker.run(turn_id=turn.pk, worker="seed_demo")
