"""The desk and the session pages."""

import pytest

from objects.services import create_document
from orchestration.models import Session
from tests.support.sessions import BODY, draft, drive, started

pytestmark = pytest.mark.django_db


def form(document, **fields):
    return {
        "document": str(document.pk),
        "title": "",
        "instructions": "",
        "max_rounds": "2",
        "writer_in": "True",
        "writer_model": "house",
        "content_expert_model": "house",
        "style_editor_in": "on",
        "style_editor_model": "house",
        "synthesizer_model": "house",
        **fields,
    }


def document_of(user):
    return create_document(owner=user, title="The ledger", body=BODY)


def test_landing_shows_the_plans(client):
    page = client.get("/")
    assert page.status_code == 200
    assert "$29 a month" in page.content.decode()


def test_desk_of_a_newcomer_says_what_to_do_first(alice, client_for):
    page = client_for(alice).get("/studio/").content.decode()
    assert "Your desk is clear" in page
    assert "/documents/new/" in page


@pytest.mark.parametrize("rows", [1, 3])
def test_desk_asks_the_same_whatever_stands_on_it(author, client_for, django_assert_num_queries, rows):
    for _ in range(rows):
        draft(author, model="house")
    client = client_for(author)
    client.get("/studio/")
    with django_assert_num_queries(6):
        assert client.get("/studio/").status_code == 200


@pytest.mark.parametrize("rows", [1, 3])
def test_session_list_asks_the_same_whatever_its_length(author, client_for, django_assert_num_queries, rows):
    for _ in range(rows):
        draft(author, model="house")
    client = client_for(author)
    client.get("/sessions/")
    with django_assert_num_queries(6):
        assert client.get("/sessions/").status_code == 200


def test_setup_starts_a_session(author, client_for):
    document = document_of(author)
    client = client_for(author)
    assert "The ledger" in client.get("/sessions/new/").content.decode()
    assert client.get(f"/sessions/new/?document={document.pk}").status_code == 200
    answer = client.post("/sessions/new/", form(document, go="start"))
    session = Session.objects.get()
    assert (answer.status_code, answer.url) == (302, f"/sessions/{session.pk}/")
    assert session.status == "running"
    assert [role.role for role in session.roles.all()] == ["writer", "style_editor"]


def test_setup_keeps_a_draft(author, client_for):
    client_for(author).post("/sessions/new/", form(document_of(author), go="draft"))
    assert Session.objects.get().status == "draft"


def test_setup_refused_keeps_what_was_typed_and_makes_nothing(alice, client_for):
    document = document_of(alice)
    filled = form(document, go="start", instructions="Keep it dry.", content_expert_in="on", max_rounds="3")
    page = client_for(alice).post("/sessions/new/", filled)
    text = page.content.decode()
    assert page.status_code == 403
    assert "Keep it dry." in text
    assert "Starter" in text
    assert not Session.objects.exists()


def test_setup_with_a_bad_number_says_so_beside_it(author, client_for):
    page = client_for(author).post("/sessions/new/", form(document_of(author), max_rounds="99"))
    assert page.status_code == 422
    assert "less than or equal to 20" in page.content.decode()


def test_estimate_panel_shows_why_start_is_blocked(alice, client_for):
    filled = form(document_of(alice), content_expert_in="on", synthesizer_in="on")
    panel = client_for(alice).post("/sessions/estimate/", filled).content.decode()
    assert 'aria-disabled="true"' in panel
    assert "Pro allows 4" in panel


def test_page_of_an_ended_session_shows_findings_and_figures(author, client_for):
    session = drive(started(author, model="house", max_rounds=2))
    page = client_for(author).get(f"/sessions/{session.pk}/").content.decode()
    assert session.reason in page
    assert 'data-following="no"' in page
    for finding in session.findings.all():
        assert f'id="finding-{finding.number}"' in page


def test_page_of_a_running_session_follows_it(author, client_for):
    session = started(author, model="house")
    page = client_for(author).get(f"/sessions/{session.pk}/").content.decode()
    assert f'data-session="/api/v1/sessions/{session.pk}/events"' in page
    assert 'data-following="yes"' in page


@pytest.mark.parametrize("part", ["", "manuscript/", "status/"])
def test_another_ones_session_answers_404(author, charlie, client_for, part):
    session = started(author, model="house")
    assert client_for(charlie).get(f"/sessions/{session.pk}/{part}").status_code == 404


@pytest.mark.parametrize("verb", ["start", "pause", "stop", "note", "cap", "rerun", "unknown"])
def test_verb_on_another_ones_session_answers_404(author, charlie, client_for, verb):
    session = started(author, model="house")
    before = Session.objects.values().get(pk=session.pk)
    data = {"text": "x", "cap_credits": "9", "model": "house"}
    assert client_for(charlie).post(f"/sessions/{session.pk}/{verb}/", data).status_code == 404
    assert Session.objects.values().get(pk=session.pk) == before


def test_pause_from_the_page_answers_with_the_new_status(author, client_for):
    session = started(author, model="house")
    answer = client_for(author).post(f"/sessions/{session.pk}/pause/", headers={"HX-Request": "true"})
    assert 'data-status="paused"' in answer.content.decode()


def test_refused_verb_shows_why_above_the_status(author, client_for):
    session = draft(author, model="house")
    answer = client_for(author).post(f"/sessions/{session.pk}/pause/", headers={"HX-Request": "true"})
    assert "This session is not running." in answer.content.decode()


def test_note_and_cap_from_the_page(author, client_for):
    session = started(author, model="house", cap_credits=3)
    client = client_for(author)
    client.post(f"/sessions/{session.pk}/note/", {"text": "Keep the boy plain."})
    client.post(f"/sessions/{session.pk}/cap/", {"cap_credits": "9"})
    session.refresh_from_db()
    assert (session.cap_credits, session.notes.get().text) == (9, "Keep the boy plain.")


def test_pages_need_a_sign_in(client):
    for url in ("/studio/", "/sessions/", "/sessions/new/"):
        assert client.get(url).url.startswith("/accounts/login/")
