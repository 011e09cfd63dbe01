"""What a larger plan does for who runs out of credits."""

import pytest

from billing.models import Plan
from billing.remedies import larger_plan
from credits.remedies import Remedy

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("allowance", "remedy"),
    [
        (
            0,
            Remedy(
                "Starter brings 150 credits a month, for $29.",
                "Get Starter",
                "/billing/choose/?plan=starter",
            ),
        ),
        (
            20,
            Remedy(
                "Starter brings 150 credits a month, for $29.",
                "Get Starter",
                "/billing/choose/?plan=starter",
            ),
        ),
        (
            150,
            Remedy(
                "Pro brings 500 credits a month, for $79.",
                "Get Pro",
                "/billing/choose/?plan=pro",
            ),
        ),
        (
            500,
            Remedy(
                "Enterprise brings 2\u202f000 credits a month, for $199.",
                "Get Enterprise",
                "/billing/choose/?plan=enterprise",
            ),
        ),
        (2_000, None),
    ],
)
def test_the_cheapest_plan_with_more_credits(alice, allowance, remedy, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert larger_plan(alice, allowance) == remedy


def test_a_plan_that_is_no_longer_offered_helps_nobody(alice):
    Plan.objects.filter(code="starter").update(is_offered=False)
    assert larger_plan(alice, 20).action == "Get Pro"
