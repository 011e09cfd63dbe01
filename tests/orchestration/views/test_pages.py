"""The desk and the session pages."""

import pytest

from objects.services import create_document, save_document
from orchestration.estimates import remaining
from orchestration.models import Session
from orchestration.presenting import headline
from orchestration.services import raise_cap
from tests.orchestration.services.test_cap import FIRST, by_round, capped
from tests.support.providers import by_role, writer_answer
from tests.support.sessions import BODY, draft, drive, started, take_all

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
    with django_assert_num_queries(7):
        assert client.get("/studio/").status_code == 200


@pytest.mark.parametrize("rows", [1, 3])
def test_session_list_asks_the_same_whatever_its_length(author, client_for, django_assert_num_queries, rows):
    for _ in range(rows):
        draft(author, model="house")
    client = client_for(author)
    client.get("/sessions/")
    with django_assert_num_queries(7):
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


@pytest.fixture
def at_its_cap(author, models):
    """A session of alice that waits at its cap of five credits."""
    models.script = by_round
    return drive(capped(author, FIRST))


def test_the_page_of_a_session_at_its_cap_asks_for_a_higher_one(author, client_for, at_its_cap):
    page = client_for(author).get(f"/sessions/{at_its_cap.pk}/").content.decode()
    ahead = remaining(at_its_cap)
    assert f"Paused at your cap of {FIRST} credits" in page
    assert f"{ahead.low} to {ahead.high}</b> more credits" in page
    enough = at_its_cap.spent + max(ahead.high, at_its_cap.needed_credits)
    assert f'name="cap_credits" type="number" inputmode="numeric" min="6" value="{enough}"' in page
    assert f"It was quoted {at_its_cap.quote}." in page, "what remains is foreseen anew"
    assert ">Resume<" not in page, "which could not help"


def test_a_session_at_its_cap_is_headed_so_and_says_who_is_next(author, client_for, models):
    """Raised by one credit at a time until the Writer is done, and the editor's step is what does not fit."""
    models.script = by_round
    session = drive(capped(author, FIRST))
    while not session.turns.filter(status="finished").exists():
        session = drive(raise_cap(session_id=session.pk, user=author, cap=session.cap_credits + 1))
    assert (session.status, session.reason_code, session.turns.count()) == ("awaiting_credits", "cap", 1)
    assert (session.status_text, headline(session)) == ("Waiting at its cap", "Waiting at its cap")
    client = client_for(author)
    page = client.get(f"/sessions/{session.pk}/").content.decode()
    assert "Waiting for credits" not in page
    assert ("Next in turn" in page, "Waits for the Writer" in page) == (True, False)
    assert "Waiting at its cap" in client.get("/sessions/").content.decode()


def test_the_cap_is_raised_on_the_page_and_the_session_goes_on(author, client_for, at_its_cap):
    client, url = client_for(author), f"/sessions/{at_its_cap.pk}/cap/"
    refused = client.post(url, {"cap_credits": "1"}, headers={"HX-Request": "true"}).content.decode()
    assert f"The cap cannot be below {at_its_cap.spent}" in refused
    assert 'data-status="awaiting_credits"' in refused
    enough = at_its_cap.spent + remaining(at_its_cap).high
    answer = client.post(url, {"cap_credits": str(enough)}, headers={"HX-Request": "true"})
    assert 'data-status="running"' in answer.content.decode()
    client.post(url, {"cap_credits": "90"}, headers={"HX-Request": "true"})
    assert drive(at_its_cap).status == "completed"
    ended = client.get(f"/sessions/{at_its_cap.pk}/").content.decode()
    assert "It was quoted" in ended
    assert "It pauses at the cap" not in ended


def test_a_session_out_of_credits_says_what_it_needs(author, client_for, models):
    session = started(author)
    take_all(author)
    session = drive(session)
    page = client_for(author).get(f"/sessions/{session.pk}/").content.decode()
    assert "Paused: out of credits" in page
    assert session.reason in page
    assert "Raise and go on" not in page


def test_estimate_panel_shows_each_agent_and_the_range(author, client_for):
    filled = form(document_of(author), cap_credits="1", max_rounds="9")
    panel = client_for(author).post("/sessions/estimate/", filled).content.decode()
    for words in ("Writer", "Style Editor", "house × 0.1", "Likely", "At most", "Your cap", "Reckoned from"):
        assert words in panel
    assert "Content Expert" not in panel


def test_pages_need_a_sign_in(client):
    for url in ("/studio/", "/sessions/", "/sessions/new/"):
        assert client.get(url).url.startswith("/accounts/login/")


@pytest.fixture
def waiting(author, models):
    """A session whose first round waits for review, with two changes."""
    models.script = by_role(writer=writer_answer("To know the sea, he read it. The boy saw the keeper."))
    return drive(started(author, roles=("writer", "style_editor"), max_rounds=2, approve_rounds=True))


def test_a_round_that_waits_shows_its_changes_with_a_switch_each(author, client_for, waiting):
    page = client_for(author).get(f"/sessions/{waiting.pk}/").content.decode()
    assert page.count('name="keep"') == 2
    assert "2 of 2 changes kept" in page
    assert "Save and go on to round 2" in page
    assert "Go on with everything" in page
    text = client_for(author).get(f"/sessions/{waiting.pk}/?show=text").content.decode()
    assert 'name="keep"' not in text
    assert "?show=text" in text


def test_the_choice_goes_on_without_a_script(author, client_for, waiting):
    answer = client_for(author).post(
        f"/sessions/{waiting.pk}/review/", {"revision": 2, "proposed": 2, "keep": [1]}
    )
    assert answer.url == f"/sessions/{waiting.pk}/"
    waiting.refresh_from_db()
    assert (waiting.status, waiting.round, waiting.document.current_number) == ("running", 2, 3)
    assert waiting.document.body == "To know the sea, he read it. The keeper was seen by the boy."


def test_going_on_with_everything_is_the_forms_other_button(author, client_for, waiting):
    client_for(author).post(f"/sessions/{waiting.pk}/approve/", {"revision": 2, "proposed": 2, "keep": [1]})
    waiting.refresh_from_db()
    assert (waiting.round, waiting.document.current_number) == (2, 2)


def test_a_refused_choice_stands_above_the_changes_and_keeps_the_switches(author, client_for, waiting):
    answer = client_for(author).post(
        f"/sessions/{waiting.pk}/review/", {"revision": 2, "proposed": 2, "keep": [2, 7]}
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "there is no 7" in page
    assert 'aria-label="Keep change 1">' in page
    assert 'aria-label="Keep change 2" checked' in page


def test_a_stale_choice_shows_both_texts(author, client_for, waiting):
    save_document(document_id=waiting.document_id, user=author, body="Mine meanwhile.", expected_revision=2)
    answer = client_for(author).post(
        f"/sessions/{waiting.pk}/review/", {"revision": 2, "proposed": 2, "keep": [1]}
    )
    assert answer.status_code == 409
    assert "Mine meanwhile." in answer.content.decode()
    waiting.refresh_from_db()
    assert waiting.status == "awaiting_review"


def test_a_round_without_changes_only_goes_on(author, client_for, models):
    models.script = by_role(writer=writer_answer(BODY))
    session = drive(started(author, roles=("writer", "style_editor"), max_rounds=1, approve_rounds=True))
    page = client_for(author).get(f"/sessions/{session.pk}/").content.decode()
    assert "The Writer changed nothing in this round." in page
    assert ">Finish</button>" in page


@pytest.mark.parametrize("number", [1, 3])
def test_the_page_of_a_round_that_waits_asks_the_same_however_much_changed(
    author, client_for, models, django_assert_num_queries, number
):
    body = " ".join(f"Sentence {n} stands here." for n in range(number))
    models.script = by_role(writer=writer_answer(body.replace("stands", "lies")))
    fields = {"roles": ("writer", "style_editor"), "max_rounds": 2, "approve_rounds": True}
    session = drive(started(author, body=body, **fields))
    client = client_for(author)
    with django_assert_num_queries(21):
        client.get(f"/sessions/{session.pk}/")
