"""What a smaller plan would take away."""

import pytest

from billing import usage
from billing.comparison import plans_on_sale
from billing.subscribing.losses import losses
from tests.billing.paying import pays

pytestmark = pytest.mark.django_db


@pytest.fixture
def used(monkeypatch):
    """How much is used of what, told by the test."""
    monkeypatch.setattr(usage, "_readers", {})
    return lambda **counts: [
        usage.register(limit, lambda user, count=count: count) for limit, count in counts.items()
    ]


def _limits(code):
    return next(plan.limits for plan in plans_on_sale() if plan.code == code)


def test_what_exceeds_the_smaller_plan_becomes_read_only(alice, used):
    pays(alice, "pro")
    used(projects=12, objects=2_000, storage_bytes=11 * 2**30, sessions_per_month=40)
    lost = losses(alice, to=_limits("starter"))
    assert [(one.limit, one.used, one.allowed) for one in lost.read_only] == [
        ("projects", "12", "10"),
        ("storage_bytes", "11 GB", "10 GB"),
    ]
    assert lost.features == ("Priority support",)
    assert lost.models == ("Gemini 2.5 Pro", "o1-mini")


def test_nothing_is_lost_with_a_greater_plan(alice, used):
    pays(alice, "starter")
    used(projects=12)
    assert not losses(alice, to=_limits("enterprise"))
