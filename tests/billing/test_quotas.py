"""Monthly limits that the meter counts: refused before, told of on the way, once."""

import pytest

from accounts.models import Notification
from billing import entitlements, quotas, usage
from billing.models import Plan, PlanTerms
from config.common.errors import Refused
from credits import metering
from credits.models import Metric
from tests.credits.books import in_minutes
from tests.credits.races import at_once, kinds


def sessions(user, count=1):
    for _ in range(count):
        metering.record(user_id=user.pk, metric=Metric.SESSION, quantity=1)


def told():
    found = Notification.objects.filter(kind__in=["quota_80", "quota_100"]).order_by("created_at")
    return [(notice.kind, notice.title) for notice in found]


def limit(user, **limits):
    """Give everybody on the plan of `user` these limits."""
    for terms in PlanTerms.objects.filter(subscriptions__user=user):
        terms.limits_json = {**terms.limits_json, **limits}
        terms.save()
    entitlements.forget(user)


@pytest.mark.django_db
def test_the_months_count_is_refused_when_it_is_used_up(alice):
    sessions(alice, 4)
    quotas.require(user=alice, limit="sessions_per_month")
    with pytest.raises(Refused):
        quotas.require(user=alice, limit="sessions_per_month", adding=2)
    sessions(alice)
    with pytest.raises(Refused) as refused:
        quotas.require(user=alice, limit="sessions_per_month")
    assert (refused.value.code, refused.value.details["used"]) == ("limit_reached", 5)
    assert refused.value.details["resets_at"] == usage.month_of(alice).end.isoformat()


@pytest.mark.django_db
def test_a_metered_limit_is_read_in_one_row_and_an_unlimited_one_in_none(alice, django_assert_num_queries):
    entitlements.limits_for(alice)
    with django_assert_num_queries(0):
        quotas.require(user=alice, limit="tokens_per_month", adding=10**9)
    with django_assert_num_queries(2):  # the wallet's period, the counter
        quotas.require(user=alice, limit="sessions_per_month")


@pytest.mark.django_db
def test_tokens_count_calls_to_models(alice):
    limit(alice, tokens_per_month=40_000)
    metering.record(user_id=alice.pk, metric=Metric.LLM_CALL, quantity=31_999)
    quotas.require(user=alice, limit="tokens_per_month", adding=8_001)
    assert told() == []
    metering.record(user_id=alice.pk, metric=Metric.LLM_CALL, quantity=1)
    assert told() == [("quota_80", "32 000 of this month’s 40 000 tokens are used")]
    with pytest.raises(Refused, match="this adds 8\u202f001"):
        quotas.require(user=alice, limit="tokens_per_month", adding=8_001)


@pytest.mark.django_db
def test_four_fifths_and_all_are_told_once_a_month(alice):
    sessions(alice, 3)
    assert told() == []
    sessions(alice, 4)
    assert told() == [
        ("quota_80", "4 of this month’s 5 sessions are used"),
        ("quota_100", "This month’s 5 sessions are used"),
    ]
    notice = Notification.objects.get(kind="quota_80")
    period = usage.month_of(alice)
    assert notice.cause == f"sessions_per_month:{period.start.isoformat()}"
    assert (notice.data["used"], notice.data["allowed"], notice.url) == (4, 5, "/billing/")
    assert notice.body == f"1 is left until {period.end:%-d %B}, when the count starts again."
    assert Notification.objects.get(kind="quota_100").body == (
        f"The count starts again on {period.end:%-d %B}. Starter carries 30, for $29 a month."
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("allowed", "more"),
    [(30, " Pro carries 100, for $79 a month."), (100, " Enterprise sets no limit, for $199 a month.")],
)
def test_whoever_has_used_all_is_told_the_cheapest_plan_with_more(alice, allowed, more):
    limit(alice, sessions_per_month=allowed)
    sessions(alice, allowed)
    assert Notification.objects.get(kind="quota_100").body.endswith(f".{more}")


@pytest.mark.django_db
def test_where_no_plan_has_more_none_is_named(alice):
    Plan.objects.filter(is_free=False).update(is_offered=False)
    sessions(alice, 5)
    body = Notification.objects.get(kind="quota_100").body
    assert body == f"The count starts again on {usage.month_of(alice).end:%-d %B}."


@pytest.mark.django_db
def test_the_next_month_tells_anew(alice):
    sessions(alice, 4)
    period = usage.month_of(alice)
    type(alice.wallet).objects.of(alice).update(period_start=period.end, period_end=in_minutes(60 * 24 * 90))
    type(alice.wallet).objects.of(alice).update(period_start=in_minutes(-5))
    sessions(alice, 4)
    assert [kind for kind, _ in told()] == ["quota_80", "quota_80"]


@pytest.mark.django_db
@pytest.mark.parametrize("allowed", [None, 0])
def test_where_nothing_is_counted_nothing_is_told(alice, allowed):
    limit(alice, sessions_per_month=allowed)
    sessions(alice, 3)
    assert told() == []


@pytest.mark.django_db(transaction=True)
def test_many_acts_at_once_tell_once(alice):
    assert kinds(at_once(*[lambda: sessions(alice)] * 12)) == []
    assert sorted(kind for kind, _ in told()) == ["quota_100", "quota_80"]


@pytest.mark.django_db
def test_usage_shows_what_is_metered(alice):
    limit(alice, tokens_per_month=40_000)
    sessions(alice, 3)
    metering.record(user_id=alice.pk, metric=Metric.LLM_CALL, quantity=1_200)
    standing = {s.limit: (s.used, s.allowed) for s in usage.standings(alice)}
    assert standing["sessions_per_month"] == (3, 5)
    assert standing["tokens_per_month"] == (1_200, 40_000)
    assert standing["ai_requests_per_hour"] == (0, 10)
