"""A new session begins with the preferred model, where it is offered."""

import pytest

from accounts.models import User
from objects.services import create_document, create_project
from orchestration.spec import read_spec

pytestmark = pytest.mark.usefixtures("models")  # with OpenAI's key


def prefer(user, **preferences):
    User.objects.filter(pk=user.pk).update(chosen_preferences=preferences)
    user.refresh_from_db()


CASES = [
    ({}, "house"),
    ({"default_model": "gpt-4o-mini"}, "gpt-4o-mini"),
    ({"default_model": "gpt-4o"}, "gpt-4o"),
    ({"default_provider": "openai"}, "gpt-4o"),
    ({"default_provider": "google"}, "house"),
    ({"default_model": "claude-sonnet-4-5"}, "house"),
    ({"default_model": "o3-mini", "default_provider": "openai"}, "gpt-4o"),
]
"""Of the pro plan; claude has no key here, o3-mini needs another plan."""


@pytest.mark.parametrize(("preferences", "model"), CASES)
def test_a_seat_without_a_model_gets_it(author, preferences, model):
    prefer(author, **preferences)
    document = create_document(owner=author, title="Ledger", body="One.")
    spec = read_spec(owner=author, data={"document": document.pk})
    assert {role.model for role in spec.roles} == {model}


@pytest.mark.parametrize(("preferences", "model"), CASES)
def test_the_set_up_offers_it_first(author, client_for, preferences, model):
    prefer(author, **preferences)
    document = create_document(owner=author, title="Ledger", body="One.")
    page = client_for(author).get(f"/sessions/new/?document={document.pk}").content.decode()
    assert page.count(f'<option value="{model}" selected>') == 4


def test_a_projects_own_seats_come_first(author, client_for):
    prefer(author, default_model="gpt-4o")
    seats = [{"role": "writer", "model": "gpt-4o-mini"}, {"role": "style_editor"}]
    project = create_project(owner=author, fields={"title": "Harbour", "default_agents": seats})
    document = create_document(owner=author, project=project, title="Ledger", body="One.")
    spec = read_spec(owner=author, data={"document": document.pk})
    assert [role.model for role in spec.roles] == ["gpt-4o-mini", "gpt-4o"]
    page = client_for(author).get(f"/sessions/new/?document={document.pk}").content.decode()
    assert page.count('<option value="gpt-4o-mini" selected>') == 1
    assert page.count('<option value="gpt-4o" selected>') == 3
