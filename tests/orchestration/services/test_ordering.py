"""Services that were bought: opened with the payment, carried out once, cancelled with it."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction

from accounts.models import Notification
from billing.models import Product
from config.common.errors import Conflict, Invalid, Missing, PaymentRequired, Refused
from credits.models import UsageRecord
from objects.models import Document
from objects.quotas import too_long
from objects.services import create_document, import_document, save_document, trash_document
from orchestration.commissions import COMMISSIONS
from orchestration.models import ServiceOrder
from orchestration.services import start_order, start_order_on_file
from orchestration.workflow.terms import Status
from tests.billing.given_back import a_dispute, a_refund, buy, told
from tests.credits.books import assert_whole
from tests.support.people import open_account
from tests.support.sessions import BODY, drive, race, take_all

pytestmark = pytest.mark.django_db

State = ServiceOrder.State


@pytest.fixture
def dora():
    """Somebody on the free plan, without free credits."""
    return open_account("dora", verified=False)


@pytest.fixture
def payment(dora):
    """What dora paid for a review."""
    return buy(dora, "manuscript-review")


@pytest.fixture
def order(payment):
    """The order of it."""
    return ServiceOrder.objects.get(payment=payment)


def a_text(owner, body=BODY):
    """A document to be read."""
    return create_document(owner=owner, title="The ledger", body=body)


def test_every_service_of_the_catalogue_can_be_carried_out():
    services = set(Product.objects.exclude(service="").values_list("service", flat=True))
    assert services == {"manuscript-review"} == set(COMMISSIONS)


def test_payment_opens_an_order_and_tells_where_it_is(dora, order):
    assert (order.owner, order.credits, order.state) == (dora, 150, State.WAITING)
    notice = Notification.objects.get(user=dora, kind="order_waits")
    assert notice.title == "Your manuscript review waits for its text"
    assert notice.url == f"/sessions/orders/{order.pk}/"
    dora.wallet.refresh_from_db()
    assert dora.wallet.available == 150


def test_the_same_checkout_again_opens_nothing_more(dora, order):
    buy(dora, "manuscript-review")
    assert ServiceOrder.objects.count() == 1


def test_a_pack_opens_no_order(dora):
    buy(dora, "credits-100", number=7)
    assert not ServiceOrder.objects.exists()


def test_a_service_that_nobody_carries_out_is_told_to_operators(dora, olga):
    Product.objects.filter(code="manuscript-review").update(service="a séance")
    payment = buy(dora, "manuscript-review", number=8)
    assert not ServiceOrder.objects.exists()
    notice = Notification.objects.get(user=olga, kind="studio_needs_you")
    assert notice.url == f"/admin/billing/payment/{payment.pk}/change/"
    assert "a séance" in notice.body


def test_the_panel_reads_and_nobody_writes(dora, order):
    document = a_text(dora)
    started = start_order(order_id=order.pk, user=dora, document=document)
    assert started.state == State.RUNNING
    session = drive(started.session)
    assert (session.status, session.service, session.cap_credits) == (
        Status.COMPLETED,
        "manuscript-review",
        150,
    )
    labels = list(session.turns.order_by("created_at").values_list("role__label", flat=True))
    assert sorted(labels[:3]) == ["Continuity", "Structure", "Style"]
    assert labels[3:] == ["Report"]
    document.refresh_from_db()
    assert (document.current_number, document.body, document.is_locked) == (1, BODY, False)
    assert session.findings.exists()
    assert ServiceOrder.objects.get().state == State.DONE
    assert_whole()


def test_it_counts_as_none_of_the_months_sessions(dora, order):
    start_order(order_id=order.pk, user=dora, document=a_text(dora))
    assert not UsageRecord.objects.filter(user=dora, metric="session").exists()


def test_it_is_carried_out_once(dora, order):
    first = start_order(order_id=order.pk, user=dora, document=a_text(dora))
    again = start_order(order_id=order.pk, user=dora, document=a_text(dora))
    assert again.session == first.session


def test_a_deleted_text_brings_no_second_one(dora, order):
    document = a_text(dora)
    started = start_order(order_id=order.pk, user=dora, document=document)
    drive(started.session)
    started.session.delete()
    order.refresh_from_db()
    assert (order.session, order.state) == (None, State.DONE)


def test_nobody_starts_anothers(charlie, order):
    with pytest.raises(Missing):
        start_order(order_id=order.pk, user=charlie, document=a_text(charlie))
    order.refresh_from_db()
    assert order.state == State.WAITING


def test_a_text_that_is_too_long_leaves_the_order_waiting(dora, order, monkeypatch):
    ServiceOrder.objects.update(credits=0)
    with pytest.raises(Invalid, match="longer than the 0 credits") as refusal:
        start_order(order_id=order.pk, user=dora, document=a_text(dora, BODY * 150))
    assert refusal.value.details["fields"]["document"]
    order.refresh_from_db()
    assert (order.state, order.session) == (State.WAITING, None)


def test_an_empty_text_is_refused(dora, order):
    with pytest.raises(Invalid, match="nothing to read"):
        start_order(order_id=order.pk, user=dora, document=a_text(dora, ""))


def test_whoever_spent_its_credits_is_told(dora, order):
    take_all(dora)
    with pytest.raises(PaymentRequired):
        start_order(order_id=order.pk, user=dora, document=a_text(dora))
    order.refresh_from_db()
    assert order.state == State.WAITING


def test_a_refund_before_the_start_cancels_it(dora, order, payment):
    told(a_refund(payment))
    order.refresh_from_db()
    assert order.state == State.CANCELLED
    with pytest.raises(Conflict, match="went back to you"):
        start_order(order_id=order.pk, user=dora, document=a_text(dora))
    dora.wallet.refresh_from_db()
    assert (dora.wallet.available, dora.wallet.owed) == (0, 0)


def test_part_of_the_money_leaves_it(order, payment):
    told(a_refund(payment, 100))
    order.refresh_from_db()
    assert order.state == State.WAITING


def test_a_dispute_that_is_won_opens_it_again(order, payment):
    told(a_dispute(payment))
    order.refresh_from_db()
    assert order.state == State.CANCELLED
    told(a_dispute(payment, status="won"))
    order.refresh_from_db()
    assert order.state == State.WAITING


def test_a_refund_after_the_start_leaves_it_running(dora, order, payment):
    started = start_order(order_id=order.pk, user=dora, document=a_text(dora))
    told(a_refund(payment))
    order.refresh_from_db()
    assert order.state == State.RUNNING
    drive(started.session)
    dora.wallet.refresh_from_db()
    assert dora.wallet.owed > 0


@pytest.mark.django_db(transaction=True)
def test_two_starts_at_once_are_one():
    dora = open_account("dora", verified=False)
    order = ServiceOrder.objects.get(payment=buy(dora, "manuscript-review"))
    texts = [a_text(dora), a_text(dora)]
    results = race(
        *[lambda text=text: start_order(order_id=order.pk, user=dora, document=text) for text in texts]
    )
    assert len({started.session_id for started in results}) == 1


@pytest.mark.django_db(transaction=True)
def test_a_start_and_a_refund_at_once_end_in_one_of_two_ways():
    dora = open_account("dora", verified=False)
    payment = buy(dora, "manuscript-review")
    order, text = ServiceOrder.objects.get(payment=payment), a_text(dora)
    started, _ = race(
        lambda: start_order(order_id=order.pk, user=dora, document=text), lambda: told(a_refund(payment))
    )
    order.refresh_from_db()
    if isinstance(started, Exception):
        assert isinstance(started, Conflict | PaymentRequired)
        assert order.state == State.CANCELLED
    else:
        assert order.state == State.RUNNING
    assert_whole()


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (
            {"cancelled_at": "2026-01-01T00:00Z", "started_at": "2026-01-01T00:00Z"},
            "cancelled_before_its_start",
        ),
    ],
)
def test_an_order_refuses(order, change, name):
    with pytest.raises(IntegrityError, match=f"orchestration_serviceorder_{name}"), transaction.atomic():
        ServiceOrder.objects.update(**change)


def test_an_order_refuses_a_session_before_its_start(dora, order):
    started = start_order(order_id=order.pk, user=dora, document=a_text(dora))
    with (
        pytest.raises(IntegrityError, match="orchestration_serviceorder_session_only_when_started"),
        transaction.atomic(),
    ):
        ServiceOrder.objects.filter(pk=started.pk).update(started_at=None)


def test_a_trashed_text_is_not_offered(dora, order, client_for):
    document = a_text(dora)
    trash_document(document_id=document.pk, user=dora)
    page = client_for(dora).get(f"/sessions/orders/{order.pk}/").content.decode()
    assert "The ledger" not in page


def a_book(words):
    """A manuscript of so many words, as a file."""
    return SimpleUploadedFile("novel.txt", b"He was seen by the boy. " * (words // 6))


def test_a_whole_book_is_read_on_the_free_plan(dora, order):
    started = start_order_on_file(order_id=order.pk, user=dora, file=a_book(30_000))
    document = started.session.document
    assert (document.word_count, started.state) == (30_000, State.RUNNING)
    drive(started.session)
    document.refresh_from_db()
    assert too_long(dora, document.word_count)
    longer = {"body": f"{document.body} One more.", "expected_revision": document.revision}
    with pytest.raises(Refused):
        save_document(document_id=document.pk, user=dora, **longer)
    with pytest.raises(Refused):
        import_document(owner=dora, file=a_book(30_000))


def test_more_words_than_the_service_reads_are_refused_and_nothing_stays(dora, order):
    with pytest.raises(Refused):
        start_order_on_file(order_id=order.pk, user=dora, file=a_book(100_002))
    order.refresh_from_db()
    assert (order.state, Document.objects.count()) == (State.WAITING, 0)


def test_an_order_takes_in_one_book_only(dora, order):
    first = start_order_on_file(order_id=order.pk, user=dora, file=a_book(6_000))
    again = start_order_on_file(order_id=order.pk, user=dora, file=a_book(6_000))
    assert (again.session, Document.objects.count()) == (first.session, 1)


def test_a_cancelled_order_takes_in_no_book(dora, order, payment):
    told(a_refund(payment))
    with pytest.raises(Conflict):
        start_order_on_file(order_id=order.pk, user=dora, file=a_book(6_000))
    assert not Document.objects.exists()
