"""The page of an order, and its API."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from config.common.figures import count
from orchestration.models import ServiceOrder
from orchestration.services import start_order
from tests.billing.given_back import a_refund, buy, told
from tests.orchestration.services.test_ordering import a_text
from tests.support.people import open_account
from tests.support.sessions import drive

pytestmark = pytest.mark.django_db


@pytest.fixture
def dora():
    return open_account("dora", verified=False)


@pytest.fixture
def order(dora):
    return ServiceOrder.objects.get(payment=buy(dora, "manuscript-review"))


def address(order):
    return f"/sessions/orders/{order.pk}/"


def test_a_waiting_order_offers_texts_and_a_file(dora, order, client_for):
    document = a_text(dora)
    page = client_for(dora).get(address(order)).content.decode()
    assert f'<option value="{document.pk}">The ledger (' in page
    assert 'type="file"' in page
    assert "Start the review" in page
    assert "Reads for what must agree" in page


def test_one_button_starts_it(dora, order, client_for):
    answer = client_for(dora).post(address(order), {"document": str(a_text(dora).pk)})
    assert (answer.status_code, answer.url) == (302, address(order))
    order.refresh_from_db()
    assert order.session.is_running
    page = client_for(dora).get(address(order)).content.decode()
    assert "The panel is reading" in page
    assert f"/sessions/{order.session_id}/" in page


def test_a_file_is_uploaded_and_read(dora, order, client_for):
    file = SimpleUploadedFile("novel.txt", b"He was seen by the boy. In order to know it, he read it.")
    assert client_for(dora).post(address(order), {"file": file}).status_code == 302
    order.refresh_from_db()
    assert order.session.document.title == "novel"


def test_nothing_chosen_is_said_at_the_field(dora, order, client_for):
    answer = client_for(dora).post(address(order), {"document": ""})
    assert answer.status_code == 422
    assert "Choose one of your texts, or upload one." in answer.content.decode()


def test_somebody_elses_text_is_no_choice(dora, charlie, order, client_for):
    answer = client_for(dora).post(address(order), {"document": str(a_text(charlie).pk)})
    assert answer.status_code == 422
    order.refresh_from_db()
    assert order.session is None


def test_the_report_stands_on_the_page(dora, order, client_for):
    started = start_order(order_id=order.pk, user=dora, document=a_text(dora))
    session = drive(started.session)
    page = client_for(dora).get(address(order)).content.decode()
    assert "<h2>The report</h2>" in page
    assert page.count('<li class="note"') == session.findings.count()
    assert session.findings.first().message in page.replace("&#x27;", "'").replace("&quot;", '"')


def test_a_cancelled_order_says_so(dora, order, client_for):
    told(a_refund(order.payment))
    page = client_for(dora).get(address(order)).content.decode()
    assert "This order is cancelled" in page
    assert client_for(dora).post(address(order), {"document": str(a_text(dora).pk)}).status_code == 302
    order.refresh_from_db()
    assert order.session is None


def test_strangers_find_nothing(order, charlie, client_for):
    assert client_for(charlie).get(address(order)).status_code == 404
    assert client_for(charlie).post(address(order)).status_code == 404


def test_what_waits_stands_above_the_sessions(dora, order, client_for):
    page = client_for(dora).get("/sessions/").content.decode()
    assert "Waits for its text: choose one, and the panel begins." in page
    start_order(order_id=order.pk, user=dora, document=a_text(dora))
    assert "Waits for its text" not in client_for(dora).get("/sessions/").content.decode()


@pytest.mark.parametrize("orders", [1, 3])
def test_the_sessions_ask_the_same_whatever_waits(dora, client_for, orders, django_assert_num_queries):
    for number in range(orders):
        buy(dora, "manuscript-review", number=number + 50)
    client = client_for(dora)
    client.get("/sessions/")
    with django_assert_num_queries(6):
        client.get("/sessions/")


def test_programs_list_see_and_start_orders(dora, order, api_for):
    api = api_for(dora)
    (listed,) = api.get("/api/v1/orders").json()["results"]
    assert (listed["id"], listed["state"], listed["session"]) == (str(order.pk), "waiting", None)
    answer = api.post(f"/api/v1/orders/{order.pk}/start", {"document": str(a_text(dora).pk)}, format="json")
    assert (answer.status_code, answer.json()["state"]) == (200, "running")
    assert api.get(f"/api/v1/orders/{order.pk}").json()["session"] == answer.json()["session"]


@pytest.mark.parametrize("orders", [1, 3])
def test_the_list_asks_the_same_whatever_its_length(dora, api_for, orders, django_assert_num_queries):
    for number in range(orders):
        buy(dora, "manuscript-review", number=number + 50)
    api = api_for(dora)
    with django_assert_num_queries(2):
        assert len(api.get("/api/v1/orders").json()["results"]) == orders


def test_operators_see_where_orders_stand(dora, order, operators):
    page = operators.get("/admin/orchestration/serviceorder/?state=waiting").content.decode()
    assert "Manuscript review" in page
    assert "Waiting for a text" in page
    page = operators.get("/admin/orchestration/serviceorder/?state=done").content.decode()
    assert "0 results" in page or "Manuscript review" not in page
    assert operators.get(f"/admin/orchestration/serviceorder/{order.pk}/change/").status_code == 200


def test_the_page_names_the_words_that_the_service_reads(dora, order, client_for):
    assert f"and {count(100_000)} words" in client_for(dora).get(address(order)).content.decode()


def test_a_book_starts_it_through_the_api(dora, order, api_for):
    file = SimpleUploadedFile("novel.txt", b"He was seen by the boy. " * 2_000)
    answer = api_for(dora).post(f"/api/v1/orders/{order.pk}/start", {"file": file}, format="multipart")
    assert (answer.status_code, answer.json()["state"]) == (200, "running")
    order.refresh_from_db()
    assert order.session.document.word_count == 12_000
