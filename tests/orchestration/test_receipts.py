"""Receipts: from any passage back to the credits that paid, and the receipts of a run sum to its entries."""

import re
from collections import Counter

import pytest
import redis
from django.db.models import Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing.models import CatalogueVersion
from credits import ledger
from credits.models import Entry, EntryKind, Hold
from objects.services import restore_version, save_document
from orchestration.models import Turn
from orchestration.receipts.apportioning import apportion, draw
from orchestration.receipts.bills import bills_of
from orchestration.receipts.composing import receipts_of
from orchestration.services import create_session, start_session, stop
from orchestration.spec import read_spec
from orchestration.workflow.outcomes import REASONS, Outcome, charge_reason
from tests.support.people import open_account
from tests.support.providers import Answer, by_role, editor_answer, writer_answer
from tests.support.sessions import BODY, MODEL, drive, give, on_plan, started, take_all

PIECES = ["the sea", "a lamp", "He read.", "keeper", "and then", "“Ay,” said the boy.", "\n\n", "nobody knew"]
TEXT = st.lists(st.sampled_from(PIECES), min_size=1, max_size=14).map(" ".join).filter(str.strip)


def taken_for(session):
    """What the ledger took for a session, read from its entries alone."""
    turns = Turn.objects.filter(session=session).values("pk")
    entries = Entry.objects.filter(reference_kind="turn", reference_id__in=turns)
    return -(entries.aggregate(total=Sum("amount"))["total"] or 0)


def check(receipts, *sessions):
    """Every run's receipts sum to its entries; every lot, hold and turn to what it paid."""
    assert {run.session.pk for run in receipts.runs} <= {session.pk for session in sessions}
    for run in receipts.runs:
        paid = Counter()
        total = 0
        for one in receipts.passages:
            if one.receipt and one.receipt.session == run.session:
                total += one.receipt.credits
                for payment in one.receipt.payments:
                    paid[payment.hold_id, payment.part.lot.pk] += payment.credits
        for turn in run.turns:
            total += sum(payment.credits for payment in turn.elsewhere)
            for payment in turn.elsewhere:
                paid[payment.hold_id, payment.part.lot.pk] += payment.credits
        assert total == run.credits == taken_for(run.session)
        by_hold = Counter()
        for (hold, _), credits in paid.items():
            by_hold[hold] += credits
        assert all(Hold.objects.get(pk=pk).settled == credits for pk, credits in by_hold.items())


@given(
    total=st.integers(0, 10**6), weights=st.lists(st.integers(0, 10**5), min_size=1, max_size=40).filter(any)
)
def test_parts_sum_to_the_whole_and_are_fair(total, weights):
    parts = apportion(total, weights)
    assert sum(parts) == total
    whole = sum(weights)
    assert all(0 <= part - total * weight // whole <= 1 for part, weight in zip(parts, weights, strict=True))
    assert all(part == 0 for part, weight in zip(parts, weights, strict=True) if not weight)


@given(parts=st.lists(st.integers(0, 50), max_size=20), cuts=st.lists(st.integers(1, 40), max_size=20))
def test_sources_pay_in_order_and_are_used_up(parts, cuts):
    sources, left = [], sum(parts)
    for number, cut in enumerate([*cuts, left]):
        sources.append((number, min(cut, left)))
        left -= min(cut, left)
    paid = draw(parts, sources)
    assert [sum(amount for _, amount in drawn) for drawn in paid] == parts
    used = Counter()
    for drawn in paid:
        for source, amount in drawn:
            used[source] += amount
    assert used == Counter({source: amount for source, amount in sources if amount})
    order = [source for drawn in paid for source, _ in drawn]
    assert order == sorted(order)


@pytest.mark.parametrize(("total", "weights"), [(1, []), (1, [0, 0]), (-1, [1]), (1, [2, -1])])
def test_what_cannot_be_divided_is_refused(total, weights):
    with pytest.raises(ValueError, match="weights"):
        apportion(total, weights)


def test_sources_that_do_not_match_are_refused():
    with pytest.raises(ValueError, match="sources"):
        draw([2], [("a", 1)])


@pytest.fixture
def dear(author):
    """Alice where a credit buys forty tokens, so that short texts cost several; her credits are of many lots."""
    CatalogueVersion.objects.filter(is_current=True).update(tokens_per_credit=40)
    take_all(author, leaving=3)
    for number in range(40):
        give(author, 7, key=f"gift {number}")
    give(author, 100_000, key="the great gift")
    return author


def run_of(author, models, *texts, **fields):
    """A run whose Writer writes `texts`, a round each."""
    models.script = by_role(
        writer=[Answer(writer_answer(text), usage_factor=2) for text in texts],
        style_editor=editor_answer("the sea"),
    )
    return drive(started(author, roles=("writer", "style_editor"), max_rounds=len(texts), **fields))


def edit(document, user, body):
    """Save a person's text over the document."""
    document.refresh_from_db()
    return save_document(document_id=document.pk, user=user, body=body, expected_revision=document.revision)


def receipts_now(document, user):
    """The receipts of the text as it is."""
    document.refresh_from_db()
    return receipts_of(document, document.current, user=user)


EDITS = st.lists(st.tuples(st.sampled_from(["add", "cut", "swap", "restore"]), TEXT), max_size=4)


@pytest.mark.usefixtures("sound")
def test_the_receipts_of_a_run_sum_to_its_entries_whatever_was_edited(dear, models):
    """H1, over random writings of agents and random edits of a person between and after two runs."""

    @given(texts=st.lists(TEXT, min_size=1, max_size=2), edits=EDITS, more=TEXT)
    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
    def holds(texts, edits, more):
        first = run_of(dear, models, *texts, body=BODY)
        document = first.document
        for act, text in edits:
            document.refresh_from_db()
            lines = document.body.split(" ")
            half = len(lines) // 2
            if act == "restore":
                restore_version(document_id=document.pk, user=dear, number=1)
                continue
            changed = {
                "add": [*lines[:half], text, *lines[half:]],
                "cut": lines[half:] or ["x"],
                "swap": [*lines[half:], *lines[:half]],
            }[act]
            edit(document, dear, " ".join(changed))
        check(receipts_now(document, dear), first)
        models.script = by_role(writer=Answer(writer_answer(more), usage_factor=3))
        second = create_session(
            owner=dear,
            spec=read_spec(
                owner=dear,
                data={
                    "document": document.pk,
                    "roles": [{"role": "writer", "model": MODEL}],
                    "max_rounds": 1,
                },
            ),
        )
        drive(start_session(session_id=second.pk, user=dear))
        check(receipts_now(document, dear), first, second)
        assert taken_for(first) > 0

    holds()


def test_a_passage_tells_its_writer_turn_hold_and_grant(dear, models):
    session = run_of(
        dear, models, "He read the sea.\n\nNobody else knew what it said to him.", body="He read."
    )
    document = edit(
        session.document, dear, "He read the sea.\n\nNobody else knew what it said to him.\n\nMine."
    )
    found = receipts_now(document, dear)
    assert [(one.text, one.kind, one.byline) for one in found.passages] == [
        ("He read", "human", "Alice"),
        ("the sea.", "agent", "Writer (gpt-4o-mini)"),
        ("Nobody else knew what it said to him.", "agent", "Writer (gpt-4o-mini)"),
        ("Mine.", "human", "Alice"),
    ]
    receipt = found.passages[2].receipt
    turn = Turn.objects.get(session=session, role__role="writer")
    assert (receipt.session, receipt.bill.turn, receipt.bill.credits) == (session, turn, turn.credits)
    assert turn.credits > receipt.credits > found.passages[1].receipt.credits
    assert receipt.written == len("theseaNobodyelseknewwhatitsaidtohim.")
    settle = Entry.objects.get(reference_id=turn.pk, kind=EntryKind.SETTLE)
    assert {payment.hold_id for payment in receipt.payments} == {settle.hold_id}
    assert {payment.grant.kind for payment in receipt.payments} == {EntryKind.GRANT}
    assert found.passages[0].receipt is None
    check(found, session)


def test_credits_given_back_are_taken_off_the_receipts(dear, models):
    session = run_of(dear, models, "Nobody else knew what the sea had said to him.")
    hold = Hold.objects.get(
        pk=Entry.objects.get(
            kind=EntryKind.SETTLE, reference_id=Turn.objects.get(session=session, role__role="writer").pk
        ).hold_id
    )
    ledger.refund(hold_id=hold.pk, amount=hold.settled - 1, key="appeal", description="An appeal was granted")
    found = receipts_now(session.document, dear)
    (run,) = found.runs
    assert run.credits == taken_for(session)
    writer = next(bill.bill for bill in run.turns if bill.bill.turn.role.role == "writer")
    assert (writer.credits, writer.refunded) == (1, hold.settled - 1)
    assert writer.came_back == hold.amount - 1


def test_words_older_than_all_that_is_kept_have_no_receipt(dear, models):
    session = run_of(dear, models, "Nobody else knew what the sea had said to him.")
    document = edit(session.document, dear, "Nobody else knew what the sea had said to him. Mine now.")
    document.versions.filter(number__lt=document.current_number).delete()
    document = edit(document, dear, "Nobody else knew what the sea had said to him. Mine now. And this.")
    found = receipts_now(document, dear)
    assert [(one.kind, one.receipt) for one in found.passages] == [("unknown", None), ("human", None)]
    assert found.runs == []


def test_a_failed_turn_gives_back_to_the_lots_it_came_from(dear, models):
    models.script = by_role(writer=Answer(status=500))
    session = drive(started(dear, roles=("writer",)))
    (bill,) = bills_of(dear, [session])[session]
    assert (bill.credits, bill.came_back) == (0, bill.held)
    draws = list(Hold.objects.get().draws.order_by("position").values_list("lot_id", "amount"))
    assert [(payment.part.lot.pk, payment.credits) for payment in bill.returned] == draws
    assert bill.turn.charge_reason == "Failed before it wrote anything: nothing was charged."
    entry = Entry.objects.get(reference_id=bill.turn.pk, kind=EntryKind.RELEASE)
    assert entry.description == "Writer, round 1. Failed before it wrote anything: nothing was charged."


@pytest.mark.parametrize(
    ("script", "outcome", "reason"),
    [
        (writer_answer("Plainly said."), "completed", "Finished: charged for the tokens it used."),
        ("No.", "malformed", "The answer could not be used: nothing was charged."),
        (Answer(status=500), "failed_before_output", "Failed before it wrote anything: nothing was charged."),
        (
            Answer("<document>One two three four five", break_after=1),
            "failed_after_output",
            "Broke off: charged for the tokens used until then; the text is kept.",
        ),
    ],
)
def test_every_outcome_says_its_reason_in_the_bill_the_page_and_the_ledger(
    author, models, client_for, api_for, script, outcome, reason
):
    """H2."""
    models.script = by_role(writer=script)
    session = drive(started(author, roles=("writer",)))
    turn = Turn.objects.get(session=session)
    assert (turn.outcome, turn.charge_reason) == (outcome, reason)
    last = Entry.objects.filter(reference_id=turn.pk).latest("seq")
    assert last.description == f"Writer, round 1. {reason}"
    client = client_for(author)
    assert reason in client.get(f"/sessions/{session.pk}/").text
    assert reason in client.get(f"/sessions/{session.pk}/bill/").text
    assert reason in client.get("/credits/history/").text
    bill = api_for(author).get(f"/api/v1/sessions/{session.pk}/bill").json()
    assert (bill["credits"], bill["turns"][0]["reason"]) == (session.spent, reason)


@pytest.mark.parametrize(
    ("outcome", "metered", "paid", "absorbed", "says"),
    [
        (Outcome.TRUNCATED, True, 2, 0, REASONS[Outcome.TRUNCATED]),
        (Outcome.CANCELLED, True, 2, 0, REASONS[Outcome.CANCELLED]),
        (Outcome.CANCELLED, False, 0, 0, "Interrupted before it wrote anything: nothing was charged."),
        (Outcome.COMPLETED, True, 0, 0, "Finished: what it used fits into a credit that this session had paid already."),
        (Outcome.COMPLETED, True, 1, 2, f"{REASONS[Outcome.COMPLETED]} It used 2 credits more than were held: the studio paid them."),
        (Outcome.MALFORMED, True, 0, 0, REASONS[Outcome.MALFORMED]),
    ],
)  # fmt: skip
def test_the_outcome_table_in_words(outcome, metered, paid, absorbed, says):
    assert charge_reason(outcome, metered=metered, paid=paid, absorbed=absorbed) == says
    assert len(f"{'x' * 60}, round 20. {says}") <= 200


def test_a_turn_that_never_began_says_so(author, models):
    session = started(author, roles=("writer",))
    stop(session_id=session.pk, user=author)
    turn = Turn.objects.get(session=session)
    assert turn.charge_reason == "Not begun: nothing was charged, all that was held came back."
    assert Entry.objects.filter(reference_id=turn.pk).latest("seq").description.endswith("came back.")


@pytest.fixture
def written(author, models):
    """A run over a document, and a person's words after it."""
    session = run_of(
        author, models, "He read the sea.\n\nNobody else knew what it said to him.", body="He read."
    )
    return edit(session.document, author, f"{session.document.body} Mine.") and session


def test_the_page_opens_the_receipt_of_a_passage(written, author, client_for):
    document, client = written.document, client_for(author)
    document.refresh_from_db()
    address = f"/documents/{document.pk}/versions/{document.current_number}/receipts/"
    page = client.get(address)
    assert page.status_code == 200
    numbers = re.findall(rf'hx-get="{address}(\d+)/"', page.text)
    assert numbers == ["1", "2", "3", "4"]
    panel = client.get(f"{address}3/").text
    for words in ("Writer (gpt-4o-mini)", "Writer, round 1", "gpt-4o-mini", "of hold", "Finished"):
        assert words in panel
    assert "Words that a person writes cost nothing" in client.get(f"{address}1/").text
    assert 'aria-current="true"' in client.get(address, {"passage": 3}).text
    assert client.get(f"{address}99/").status_code == 404
    assert client.get(address, {"passage": "99"}).status_code == 404


def test_strangers_see_no_receipt(written, author, client_for, api_for):
    charlie = on_plan(open_account("charlie"))
    number = written.document.current_number
    for address in (
        f"/documents/{written.document.pk}/versions/{number}/receipts/",
        f"/sessions/{written.pk}/bill/",
    ):
        assert client_for(charlie).get(address).status_code == 404
        assert api_for(charlie).get(f"/api/v1{address[:-1]}").status_code == 404


def test_the_receipts_by_program(written, author, api_for):
    document = written.document
    document.refresh_from_db()
    body = (
        api_for(author)
        .get(f"/api/v1/documents/{document.pk}/versions/{document.current_number}/receipts")
        .json()
    )
    assert [one["written_by"] for one in body["passages"]] == ["human", "agent", "agent", "human"]
    one = body["passages"][2]
    assert document.body[one["start"] : one["end"]] == one["text"]
    turn = Turn.objects.get(session=written, role__role="writer")
    assert (one["receipt"]["turn"], one["receipt"]["turn_credits"]) == (str(turn.pk), turn.credits)
    (run,) = body["runs"]
    assert run["credits"] == sum(turn["bill"]["credits"] for turn in run["turns"]) == taken_for(written)


def test_the_trace_is_kept_and_the_text_is_its_name(written, author, django_assert_num_queries):
    document = written.document
    document.refresh_from_db()
    version = document.current
    receipts_of(document, version, user=author)
    with django_assert_num_queries(6):  # versions; sessions, turns, entries, draws, grants
        receipts_of(document, version, user=author)


def test_a_silent_cache_costs_time_and_nothing_else(written, author, monkeypatch):
    def silent(*args):
        raise redis.ConnectionError

    monkeypatch.setattr("objects.authorship.cache.get", silent)
    monkeypatch.setattr("objects.authorship.cache.set", silent)
    assert len(receipts_now(written.document, author).passages) == 4
