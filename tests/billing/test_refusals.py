"""The words of a refusal."""

from datetime import UTC, datetime

import pytest

from billing import refusals
from billing.amounts import count, dollars, size
from billing.limits import GIBIBYTE, MEBIBYTE
from billing.refusals import Offer

STARTER = Offer(code="starter", name="Starter", month_cents=2_900)
ENTERPRISE = Offer(code="enterprise", name="Enterprise", month_cents=19_900)
PREMIUM = Offer(code="premium", name="Premium", month_cents=None)


def _limit(limit, used, adding, allowed, offer, more, *, plan="Free", resets_at=None):
    return refusals.limit_message(
        plan=plan,
        limit=limit,
        used=used,
        adding=adding,
        allowed=allowed,
        offer=offer,
        more=more,
        resets_at=resets_at,
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("projects", 2, 1, 2, STARTER, 10),
            "Free carries 2 projects, and you have 2. Starter carries 10, for $29 a month.",
        ),
        (
            ("projects", 1, 4, 2, STARTER, 10),
            "Free carries 2 projects, and you have 1; this adds 4. Starter carries 10, for $29 a month.",
        ),
        (
            ("concurrent_jobs", 1, 1, 1, STARTER, 2),
            "Free runs 1 job at once, and 1 is running. Starter runs 2, for $29 a month.",
        ),
        (
            ("agents_per_session", 0, 4, 2, STARTER, 3),
            "Free allows 2 agents in a session, and this has 4. Starter allows 3, for $29 a month.",
        ),
        (
            ("words_per_document", 0, 3_001, 3_000, STARTER, 15_000),
            (
                "Free allows 3\u202f000 words in a document, and this has 3\u202f001. "
                "Starter allows 15\u202f000, for $29 a month."
            ),
        ),
        (
            ("storage_bytes", GIBIBYTE - MEBIBYTE, 5 * MEBIBYTE, GIBIBYTE, STARTER, 10 * GIBIBYTE),
            (
                "Free carries 1 GB of storage, and you have 1023 MB; this adds 5 MB. "
                "Starter carries 10 GB, for $29 a month."
            ),
        ),
        (
            ("file_bytes", 0, 7 * MEBIBYTE + MEBIBYTE // 4, 5 * MEBIBYTE, STARTER, 20 * MEBIBYTE),
            "Free allows 5 MB in a file, and this has 7.2 MB. Starter allows 20 MB, for $29 a month.",
        ),
        (
            ("version_retention_days", 31, 0, 30, STARTER, None),
            "Free keeps versions for 30 days, and this is 31 old. Starter sets no limit, for $29 a month.",
        ),
        (
            ("ai_requests_per_hour", 10, 1, 10, None, None),
            "Free allows 10 AI requests an hour, and you have made 10. No plan allows more.",
        ),
        (
            ("transformations_per_month", 10, 1, 10, PREMIUM, 500),
            (
                "Free carries 10 transformations a month, and you have used 10. "
                "Premium carries 500, at a price the operator of this studio names."
            ),
        ),
    ],
)
def test_limit_message(arguments, message):
    assert _limit(*arguments) == message


def test_monthly_message_says_when_the_count_starts_again():
    message = _limit(
        "sessions_per_month", 5, 1, 5, ENTERPRISE, None, resets_at=datetime(2026, 12, 4, tzinfo=UTC)
    )
    assert message == (
        "Free carries 5 sessions a month, and you have used 5. The count starts again on 4 December. "
        "Enterprise sets no limit, for $199 a month."
    )


def test_feature_model_and_agent_messages():
    assert refusals.feature_message(plan="Free", feature="version_history", offer=STARTER) == (
        "Free does not include version history. Starter does, for $29 a month."
    )
    assert refusals.feature_message(plan="Pro", feature="api_access", offer=ENTERPRISE) == (
        "Pro does not include API keys. Enterprise does, for $199 a month."
    )
    assert refusals.model_message(plan="Free", model="o1", offer=None) == (
        "Free does not include o1. No other plan here does."
    )
    assert refusals.agent_message(plan="Free", agent="voice-lab", offer=STARTER) == (
        "Free does not include the agent voice-lab. Starter does, for $29 a month."
    )


def test_amounts():
    assert [dollars(c) for c in (0, 5, 2_900, 2_950, 199_000)] == [
        "$0",
        "$0.05",
        "$29",
        "$29.50",
        "$1\u202f990",
    ]
    assert [count(n) for n in (0, 999, 1_000, 1_234_567)] == ["0", "999", "1\u202f000", "1\u202f234\u202f567"]
    sizes = [0, 640, 640 * 1024, 5 * MEBIBYTE, 1_536 * MEBIBYTE, 500 * GIBIBYTE]
    assert [size(n) for n in sizes] == ["0 bytes", "640 bytes", "640 kB", "5 MB", "1.5 GB", "500 GB"]
