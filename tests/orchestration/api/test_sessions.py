"""The API of editorial sessions."""

import io
import json

import pytest

from objects.models import Document
from objects.services import create_document
from orchestration.models import Session
from tests.support.providers import by_role, writer_answer
from tests.support.sessions import BODY, draft, drive, figures, started

HOUSE = {"model": "house"}
URL = "/api/v1/sessions"

pytestmark = pytest.mark.django_db


def seats(*roles):
    return [{"role": role, **HOUSE} for role in roles]


def document_of(user):
    return create_document(owner=user, title="The ledger", body=BODY)


def test_session_created_started_and_read(author, api_for):
    api, document = api_for(author), document_of(author)
    made = api.post(
        URL, {"document": str(document.pk), "roles": seats("writer", "style_editor"), "max_rounds": 1}
    )
    assert made.status_code == 201
    assert (made.data["status"], made.data["document"]["id"]) == ("draft", str(document.pk))
    begun = api.post(f"{URL}/{made.data['id']}/start")
    assert (begun.status_code, begun.data["status"], begun.data["round"]) == (200, "running", 1)
    drive(Session.objects.get(pk=made.data["id"]))
    read = api.get(f"{URL}/{made.data['id']}").data
    assert (read["status"], read["reason_code"]) == ("completed", "max_rounds")
    turns = api.get(f"{URL}/{made.data['id']}/turns").data["results"]
    assert [turn["role"] for turn in turns] == ["writer", "style_editor"]
    assert sum(turn["credits"] for turn in turns) == read["credits"]["spent"]
    findings = api.get(f"{URL}/{made.data['id']}/findings").data
    assert findings["next"] is None
    assert api.get(URL).data["results"][0]["id"] == made.data["id"]


def test_session_of_a_text_makes_a_document(author, api_for):
    made = api_for(author).post(URL, {"title": "A note", "text": BODY, "roles": seats("writer")})
    assert made.status_code == 201
    assert Document.objects.get(pk=made.data["document"]["id"]).body == BODY


def test_session_of_a_file_makes_a_document(author, api_for):
    file = io.BytesIO(BODY.encode())
    file.name = "keeper.txt"
    form = {"file": file, "settings": json.dumps({"roles": seats("writer"), "max_rounds": 2})}
    made = api_for(author).post(URL, form, format="multipart")
    assert (made.status_code, made.data["max_rounds"]) == (201, 2)
    assert Document.objects.get(pk=made.data["document"]["id"]).body.strip() == BODY


def test_session_without_text_refused_by_field(author, api_for):
    refused = api_for(author).post(URL, {"roles": seats("writer")})
    assert refused.status_code == 422
    assert refused.data["error"]["code"] == "invalid"
    assert list(refused.data["error"]["details"]["fields"]) == ["document"]
    assert not Session.objects.exists()


def test_session_on_another_ones_document_answers_404(author, charlie, api_for):
    refused = api_for(charlie).post(URL, {"document": str(document_of(author).pk)})
    assert refused.status_code == 404
    assert not Session.objects.exists()


def test_start_repeated_with_one_key_holds_once(author, api_for):
    session = draft(author, model="house")
    api, key = api_for(author), {"HTTP_IDEMPOTENCY_KEY": "once"}
    first = api.post(f"{URL}/{session.pk}/start", **key)
    held = figures(author)
    second = api.post(f"{URL}/{session.pk}/start", **key)
    assert (first.status_code, second.status_code) == (200, 200)
    assert second.headers["Idempotent-Replay"] == "true"
    assert figures(author) == held


def test_start_beyond_the_plan_refused_with_the_plan_that_allows(alice, api_for):
    document = document_of(alice)
    team = seats("writer", "content_expert", "style_editor", "synthesizer")
    made = api_for(alice).post(URL, {"document": str(document.pk), "roles": team, "max_rounds": 3})
    refused = api_for(alice).post(f"{URL}/{made.data['id']}/start")
    assert refused.status_code == 403
    assert refused.data["error"]["code"] == "limit_reached"
    assert refused.data["error"]["details"]["plan"]["code"] == "pro"
    assert Session.objects.get(pk=made.data["id"]).status == "draft"


@pytest.mark.parametrize(
    "verb", ["start", "pause", "resume", "stop", "approve", "reject", "note", "cap", "review"]
)
def test_verb_on_another_ones_session_answers_404(author, charlie, api_for, verb):
    session = started(author, model="house")
    before = Session.objects.values().get(pk=session.pk)
    answer = api_for(charlie).post(
        f"{URL}/{session.pk}/{verb}", {"text": "x", "cap_credits": 5, "accepted": [1]}
    )
    assert (answer.status_code, answer.data["error"]["code"]) == (404, "not_found")
    assert Session.objects.values().get(pk=session.pk) == before


@pytest.mark.parametrize("part", ["", "/turns", "/findings", "/review", "/events"])
def test_another_ones_session_answers_404(author, charlie, api_for, part):
    assert api_for(charlie).get(f"{URL}/{started(author, model='house').pk}{part}").status_code == 404


def test_anonymous_answers_401(client):
    assert client.get(URL).status_code == 401


def test_pause_note_resume_stop(author, api_for):
    session, api = started(author, model="house"), api_for(author)
    url = f"{URL}/{session.pk}"
    assert api.post(f"{url}/pause").data["status"] == "paused"
    assert api.post(f"{url}/note", {"text": "Keep the boy plain."}).status_code == 201
    assert api.post(f"{url}/resume").data["status"] == "running"
    stopped = api.post(f"{url}/stop").data
    assert (stopped["status"], stopped["credits"]) == (
        "stopped",
        {"held": 0, "spent": 0, "cap": None, "needed": None},
    )
    assert api.post(f"{url}/resume").status_code == 409


def test_cap_below_what_is_spent_refused(author, api_for):
    session = drive(started(author, model="house", max_rounds=2), turns=1)
    refused = api_for(author).post(f"{URL}/{session.pk}/cap", {"cap_credits": 0})
    assert refused.status_code == 422


def test_cap_is_raised_once_for_a_key(author, api_for):
    session, api = started(author, model="house", cap_credits=2), api_for(author)
    url, key = f"{URL}/{session.pk}/cap", {"Idempotency-Key": "cap-1"}
    first = api.post(url, {"cap_credits": 40}, headers=key)
    assert (first.status_code, first.data["credits"]["cap"]) == (200, 40)
    assert api.post(url, {"cap_credits": 40}, headers=key).headers["Idempotent-Replay"] == "true"
    assert api.post(url, {"cap_credits": 50}, headers=key).status_code == 422
    assert api.post(url, {"cap_credits": None}).data["credits"]["cap"] is None
    for wrong in ({}, {"cap_credits": "many"}, {"cap_credits": 10**20}):
        assert api.post(url, wrong).status_code == 422
    api.post(f"{URL}/{session.pk}/stop")
    assert api.post(url, {"cap_credits": 50}).status_code == 409


def test_estimate_tells_the_range_and_each_agents_part(author, api_for):
    body = {
        "document": str(document_of(author).pk),
        "roles": seats("writer", "style_editor"),
        "cap_credits": 7,
        "max_rounds": 3,
    }
    told = api_for(author).post("/api/v1/credits/estimate", body).json()
    assert told["low"] <= told["expected"] <= told["high"] <= told["worst_case"]
    assert (told["cap"], told["measured_runs"]) == (7, 0)
    assert [(agent["role"], agent["model"], agent["turns"]) for agent in told["agents"]] == [
        ("writer", "house", 3),
        ("style_editor", "house", 3),
    ]
    assert all(0 <= agent["expected"] <= agent["worst_case"] for agent in told["agents"])


def test_estimate_says_what_start_would(author, api_for):
    document = document_of(author)
    body = {"document": str(document.pk), "roles": seats("writer", "style_editor"), "max_rounds": 2}
    before = figures(author)
    answer = api_for(author).post("/api/v1/credits/estimate", body)
    assert answer.status_code == 200
    assert answer.data["can_start"] is True
    assert 1 <= answer.data["expected"] <= answer.data["worst_case"]
    assert answer.data["available"] == before[0]
    assert figures(author) == before
    assert not Session.objects.exists()


@pytest.mark.parametrize("rows", [1, 3])
def test_list_asks_the_same_whatever_its_length(author, api_for, django_assert_num_queries, rows):
    for _ in range(rows):
        draft(author, model="house")
    api = api_for(author)
    with django_assert_num_queries(2):
        assert len(api.get(URL).data["results"]) == rows


def test_list_filters_by_status_and_refuses_an_unknown_one(author, api_for):
    draft(author, model="house")
    api = api_for(author)
    assert api.get(f"{URL}?status=running").data["results"] == []
    assert len(api.get(f"{URL}?status=draft").data["results"]) == 1
    assert api.get(f"{URL}?status=lost").status_code == 422


def test_a_round_is_reviewed_change_by_change(author, api_for, models):
    models.script = by_role(writer=writer_answer("To know the sea, he read it. The boy saw the keeper."))
    team = ("writer", "style_editor")
    session, api = drive(started(author, roles=team, max_rounds=2, approve_rounds=True)), api_for(author)
    url = f"{URL}/{session.pk}/review"
    offered = api.get(url)
    assert (offered.data["against"], offered.data["number"], offered.data["changes"]) == (1, 2, [1, 2])
    body, key = {"number": 2, "accepted": [2]}, {"Idempotency-Key": "review-1"}
    refused = api.post(url, body, headers={**key, "If-Match": '"r1"'})
    assert (refused.status_code, refused.data["error"]["details"]["reason"]) == (409, "stale")
    for _ in range(2):
        gone_on = api.post(url, body, headers={**key, "If-Match": offered["ETag"]})
        assert (gone_on.status_code, gone_on.data["status"], gone_on.data["round"]) == (200, "running", 2)
    assert gone_on.data["document"]["version"] == 3
    assert api.get(url).status_code == 409


@pytest.mark.parametrize("body", [{"number": 2}, {"accepted": []}, {"number": 0, "accepted": []}])
def test_a_review_names_its_version_and_its_changes(author, api_for, body):
    session = started(author, model="house")
    answer = api_for(author).post(f"{URL}/{session.pk}/review", body, headers={"If-Match": '"r1"'})
    assert answer.status_code == 422
