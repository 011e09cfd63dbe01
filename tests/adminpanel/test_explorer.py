"""Usage and cost: the right sums, by anything, filtered, drawn, as a file, within few queries."""

import csv
import io
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import Permission
from django.http import QueryDict

from accounts.models import User
from adminpanel.explorer.asked import read
from adminpanel.explorer.chart import HEIGHT, chart
from adminpanel.explorer.export import plain
from adminpanel.explorer.report import report
from billing.models import PlanTerms, Product
from billing.pricing_table import lowest_credit_price
from credits.models import Metric, UsageRecord
from tests.support.people import open_account, open_operator, operator_client

PAGE = "/admin/usage/"
TODAY = date(2026, 11, 20)


def use(user, *, day=TODAY, credits=3, cost="0.5", model="gpt-4o", provider="openai", agent="Writer", **more):
    """One metered act at noon of a day."""
    return UsageRecord.objects.create(
        user=user,
        metric=more.pop("metric", Metric.LLM_CALL),
        quantity=15,
        unit="tokens",
        tokens_in=10,
        tokens_out=5,
        credits=credits,
        cost_usd=Decimal(cost),
        model=model,
        provider=provider,
        period_start=datetime(2026, 11, 1, tzinfo=UTC),
        created_at=more.pop("at", datetime(day.year, day.month, day.day, 12, tzinfo=UTC)),
        metadata={"agent": agent} if agent else {},
        **more,
    )


def asked(today=TODAY, **given):
    """What a query asks for."""
    query = QueryDict(mutable=True)
    query.update(given)
    return read(query, today=today)


def lines(**given):
    """The rows' names with acts, credits and cost."""
    found = report(asked(**given))
    return [(row.name, row.figures.acts, row.figures.credits, row.figures.cost_usd) for row in found.rows]


class TestReading:
    """What the address asks for."""

    def test_nothing_is_the_last_thirty_days_by_day(self):
        wanted = asked()
        assert (wanted.by, wanted.since, wanted.until, len(wanted.days)) == (
            "day",
            date(2026, 10, 22),
            TODAY,
            30,
        )
        assert (wanted.begins, wanted.ends) == (
            datetime(2026, 10, 22, tzinfo=UTC), datetime(2026, 11, 21, tzinfo=UTC),
        )  # fmt: skip

    @pytest.mark.parametrize(
        "given",
        [
            {"since": "never", "until": "x", "by": "colour"},
            {"since": "2026-12-24"},
            {"since": "1999-01-01"},
            {"until": "2031-01-01"},
        ],
    )
    def test_nonsense_is_the_usual(self, given):
        wanted = asked(**given)
        assert (wanted.by, wanted.since, wanted.until) == ("day", date(2026, 10, 22), TODAY)

    def test_a_query_leads_back_to_itself(self):
        wanted = asked(by="model", since="2026-11-01", user="a&b=c")
        assert read(QueryDict(wanted.query()), today=TODAY) == wanted


@pytest.mark.django_db
class TestFigures:
    """The sums."""

    @pytest.fixture(autouse=True)
    def _usage(self, alice, bob):
        use(alice)
        use(alice, model="house", provider="house", cost="0", credits=1, agent="Style Editor")
        use(bob, day=date(2026, 11, 3), cost="2.25", credits=20)
        use(bob, day=date(2026, 10, 1))  # before
        use(alice, at=datetime(2026, 11, 21, tzinfo=UTC))  # after
        use(
            alice,
            day=date(2026, 11, 3),
            metric=Metric.SESSION,
            credits=0,
            cost="0",
            model="",
            provider="",
            agent="",
        )

    def test_by_day_newest_first(self):
        assert lines() == [
            ("Fri 20 Nov 2026", 2, 4, Decimal("0.5")),
            ("Tue 3 Nov 2026", 2, 20, Decimal("2.25")),
        ]

    def test_by_user_dearest_first(self):
        assert lines(by="user") == [
            ("bob@example.com", 1, 20, Decimal("2.25")),
            ("alice@example.com", 3, 4, Decimal("0.5")),
        ]

    def test_by_agent_model_provider_and_metric(self):
        assert lines(by="agent") == [
            ("Writer", 2, 23, Decimal("2.75")), ("Style Editor", 1, 1, 0), ("–", 1, 0, 0),
        ]  # fmt: skip
        assert [row[0] for row in lines(by="model")] == ["gpt-4o", "house", "–"]
        assert [row[0] for row in lines(by="provider")] == ["openai", "house", "–"]
        assert lines(by="metric") == [("Model calls", 3, 24, Decimal("2.75")), ("Sessions", 1, 0, 0)]

    @pytest.mark.parametrize(
        ("given", "acts"),
        [
            ({"user": "ALICE@"}, 3),
            ({"user": "nobody"}, 0),
            ({"model": "house"}, 1),
            ({"provider": "openai"}, 2),
            ({"metric": "session"}, 1),
            ({"since": "2026-11-04"}, 2),
            ({"since": "2026-11-03", "until": "2026-11-03"}, 2),
        ],
    )
    def test_filters_keep_what_they_say(self, given, acts):
        for by in ("day", "user", "agent"):
            found = report(asked(by=by, **given))
            assert found.total.acts == acts == sum(row.figures.acts for row in found.rows)

    def test_erased_accounts_are_one_row(self, bob):
        bob_id = bob.pk
        UsageRecord.objects.filter(user=bob_id).update(user=None)
        assert lines(by="user")[0][0] == "erased accounts"

    def test_the_margin_is_what_credits_bring_less_what_they_cost(self):
        total = report(asked()).total
        price = lowest_credit_price()
        assert (price.usd, price.bought_as) == (Decimal("0.08292"), "Enterprise, by the year")
        assert (total.credits, total.cost_usd) == (24, Decimal("2.75"))
        assert (total.revenue_usd, total.margin_usd, total.margin_percent) == (
            Decimal("1.99"),
            Decimal("-0.75992"),
            -38,
        )

    def test_without_a_price_the_margin_is_not_known(self):
        Product.objects.update(is_offered=False)
        PlanTerms.objects.update(credits_per_month=None)
        total = report(asked()).total
        assert (total.revenue_usd, total.margin_usd, total.margin_percent) == (None, None, None)

    def test_more_rows_than_are_shown_are_cut_and_the_total_is_whole(self):
        found = report(asked(by="model"), most=1)
        assert ([row.name for row in found.rows], found.is_cut, found.total.acts) == (["gpt-4o"], True, 4)

    def test_one_pass_over_the_log_and_for_users_a_second(self, django_assert_num_queries):
        with django_assert_num_queries(6):  # packs, plans, prices; days; rows; addresses
            report(asked(by="user"))
        with django_assert_num_queries(4):
            report(asked(by="model"))


@pytest.mark.django_db
class TestThePage:
    """What operators see."""

    def get(self, client, **given):
        return client.get(PAGE, {"until": "2026-11-20", **given})

    @pytest.mark.parametrize("by", ["day", "user", "agent", "model", "provider", "metric"])
    def test_it_opens_by_anything(self, operators, alice, by):
        use(alice, model="<img src=x>", agent="<img src=x>", provider="<img src=x>")
        answer = operators.get(PAGE, {"by": by, "since": "2026-11-01"})
        page = answer.content.decode()
        assert answer.status_code == 200
        assert "<img src=x>" not in page
        assert page.count("<svg") >= 2
        assert "Enterprise, by the year" in page

    def test_a_time_without_usage_says_so(self, operators):
        assert "Nothing was used in this time" in operators.get(PAGE).content.decode()

    def test_the_file_has_the_rows_and_the_total_and_no_formula(self, operators, alice):
        use(alice, model="=1+1", day=datetime.now(UTC).date())
        use(alice, model="house", cost="0", day=datetime.now(UTC).date())
        answer = operators.get(PAGE, {"by": "model", "format": "csv"})
        rows = list(csv.reader(io.StringIO(answer.content.decode())))
        assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
        assert "usage-by-model-" in answer.headers["Content-Disposition"]
        assert rows[0] == [
            "Model", "Acts", "Tokens in", "Tokens out", "Credits", "Cost USD", "Revenue USD", "Margin USD",
        ]  # fmt: skip
        assert [row[0] for row in rows[1:]] == ["'=1+1", "house", "Total"]
        assert rows[-1][1:6] == ["2", "20", "10", "6", "0.500000"]

    def test_only_who_may_read_usage_does(self, db):
        clerk = open_operator("clerk")
        User.objects.filter(pk=clerk.pk).update(is_superuser=False)
        assert operator_client(User.objects.get(pk=clerk.pk)).get(PAGE).status_code == 403
        clerk.user_permissions.set(Permission.objects.filter(codename="view_usagerecord"))
        assert operator_client(User.objects.get(pk=clerk.pk)).get(PAGE).status_code == 200

    @pytest.mark.parametrize("rows", [1, 3])
    def test_it_asks_the_same_whatever_its_length(self, operators, rows, django_assert_num_queries):
        for number in range(rows):
            use(open_account(f"user{number}"), day=datetime.now(UTC).date())
        operators.get(PAGE, {"by": "user"})
        with django_assert_num_queries(
            9
        ):  # session, operator, models; packs, plans, prices; days; rows; addresses
            operators.get(PAGE, {"by": "user"})


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1"])
def test_a_formula_is_shown_and_not_computed(text):
    assert plain(text) == f"'{text}"


def test_plain_words_stay_plain():
    assert plain("a=b") == "a=b"


class TestChart:
    """The bars."""

    def test_the_highest_fills_the_drawing_and_the_others_their_share(self):
        drawn = chart("t", "credits", [0, 5, 10], names=["a", "b", "c"], words=["0", "5", "10"])
        assert [bar.height for bar in drawn.bars] == [0, HEIGHT / 2, HEIGHT]
        assert [bar.y for bar in drawn.bars] == [HEIGHT, HEIGHT / 2, 0]
        assert (drawn.top, drawn.first, drawn.last) == ("10", "a", "c")
        assert drawn.bars[1].title == "b: 5 credits"

    def test_a_little_is_still_seen(self):
        drawn = chart("t", "credits", [1, 100_000], names=["a", "b"], words=["1", "100 000"])
        assert drawn.bars[0].height == 1

    def test_nothing_is_nothing(self):
        drawn = chart("t", "credits", [0, 0], names=["a", "b"], words=["0", "0"])
        assert ([bar.height for bar in drawn.bars], drawn.top) == ([0, 0], "0")


def test_days_are_utc(db):
    user = open_account("dora")
    use(user, at=datetime(2026, 11, 19, 23, 59, 59, tzinfo=UTC))
    use(user, at=datetime(2026, 11, 20, 0, 0, tzinfo=UTC) - timedelta(0))
    assert [row[0] for row in lines(user="dora")] == ["Fri 20 Nov 2026", "Thu 19 Nov 2026"]
