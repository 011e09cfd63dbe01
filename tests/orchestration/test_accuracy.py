"""How well estimates came true, as operators read it."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import Permission

from accounts.models import User
from config.common import clock
from orchestration.admin.accuracy import DAYS, chart, measured
from orchestration.models import Quote, Session
from tests.support.people import client_for, open_account, open_operator, operator_client
from tests.support.sessions import draft, drive, started

pytestmark = pytest.mark.usefixtures("models")
PAGE = "/admin/orchestration/session/estimates/"


@pytest.fixture
def desk(transactional_db):
    """A client in which an operator is at work."""
    return operator_client(open_operator())


def completed(author, *, used, model="gpt-4o", spent=5, weeks=0, runs=0, **fields):
    """A run that was quoted 1 000 tokens, 4 to 6 credits, and took `used` and `spent`."""
    return Quote.objects.create(
        session=draft(author), shape=f"{model}-{runs}", team=f"1 round: writer ({model})", model_names=model,
        expected=5, low=4, high=6, most=9, tokens=1000, measured_runs=runs, used=used, spent=spent,
        completed_at=clock.now() - timedelta(weeks=weeks), **fields,
    )  # fmt: skip


def rows(kind):
    return [row for row in measured() if row.kind == kind]


def test_errors_are_shares_of_what_was_expected(author):
    for used in (500, 1_000, 1_100, 1_200, 1_600):
        completed(author, used=used)
    (whole,) = rows("all")
    assert (whole.runs, whole.beyond, whole.quoted, whole.spent) == (5, 0, 25, 25)
    assert (whole.bias, whole.p50, whole.p90) == (
        pytest.approx(0.08), pytest.approx(0.2), pytest.approx(0.56),
    )  # fmt: skip
    assert whole.inside == 1


def test_models_shapes_and_bases_are_told_apart(author):
    for spent in (3, 5, 10):
        completed(author, used=1_200, spent=spent)
    completed(author, used=800, model="house", runs=12)
    models = {row.name: row for row in rows("model")}
    assert {name: row.runs for name, row in models.items()} == {"gpt-4o": 3, "house": 1}
    assert models["gpt-4o"].inside == pytest.approx(1 / 3)
    assert models["gpt-4o"].beyond == 1
    assert models["house"].bias == pytest.approx(-0.2)
    assert [row.name for row in rows("shape")] == ["1 round: writer (gpt-4o)", "1 round: writer (house)"]
    assert {row.title: row.runs for row in rows("basis")} == {
        "Reckoned from the text": 3,
        "The owner's own history": 1,
    }


def test_old_runs_and_those_that_did_not_complete_do_not_count(author):
    completed(author, used=1_000, weeks=DAYS // 7 + 1)
    Quote.objects.create(
        session=draft(author), expected=1, low=1, high=1, most=1, tokens=Decimal(1), measured_runs=0
    )
    assert [row.runs for row in measured()] == [0]


def test_the_chart_joins_weeks(author):
    assert chart(rows("week")) is None
    completed(author, used=1_500)
    assert chart(rows("week")) is None
    completed(author, used=1_250, weeks=3)
    drawn = chart(rows("week"))
    assert (drawn.top, drawn.p50, drawn.p90) == ("50%", "0.0,80.0 640.0,0.0", "0.0,80.0 640.0,0.0")
    assert [point["row"].runs for point in drawn.points] == [1, 1]
    assert drawn.points[0]["week"] < drawn.points[1]["week"] <= datetime.now(UTC)


@pytest.mark.parametrize("runs", [1, 3])
def test_the_page_costs_the_same_for_any_number(desk, author, runs, django_assert_num_queries):
    for week in range(runs):
        completed(author, used=900, weeks=week)
    desk.get(PAGE)
    with django_assert_num_queries(3) as asked:
        page = desk.get(PAGE).content.decode()
    assert sum("orchestration_quote" in query["sql"] for query in asked.captured_queries) == 1
    assert "1 round: writer (gpt-4o)" in page
    assert ("<svg" in page) == (runs > 1)


def test_without_runs_the_page_says_so(desk):
    assert "No session that was quoted completed" in desk.get(PAGE).content.decode()


def test_a_run_arrives_on_the_page_and_its_quote_on_its_own(desk, author, models):
    session = drive(started(author))
    assert Session.objects.get().quote.spent == session.spent
    page = desk.get(PAGE).content.decode()
    assert "content expert (gpt-4o-mini)" in page
    assert "in the mean" in desk.get(f"/admin/orchestration/session/{session.pk}/change/").content.decode()


def test_names_of_models_are_text(desk, author):
    completed(author, used=900, model="<img src=x>")
    page = desk.get(PAGE).content.decode()
    assert "<img src=x>" not in page
    assert "&lt;img src=x&gt;" in page


def test_only_who_may_see_sessions_sees_it(transactional_db):
    olga = open_operator()
    User.objects.filter(pk=olga.pk).update(is_superuser=False)
    desk = operator_client(User.objects.get(pk=olga.pk))
    assert desk.get(PAGE).status_code == 403
    olga.user_permissions.add(
        Permission.objects.get(codename="view_session", content_type__app_label="orchestration")
    )
    assert desk.get(PAGE).status_code == 200
    assert client_for(open_account("charlie")).get(PAGE).status_code in {302, 403}
