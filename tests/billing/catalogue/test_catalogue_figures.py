"""Every figure of SPEC Appendix 1 and 2, written down a second time and compared."""

from decimal import Decimal

import pytest

from billing.limits import GIBIBYTE, MEBIBYTE
from billing.models import AgentPrice, CatalogueVersion, ModelPrice, PlanTerms, Product
from tests.billing.catalogues import load_shipped, shipped

PLANS = ("free", "starter", "pro", "enterprise")
ALL = None
UNLIMITED = None
GB, MB = GIBIBYTE, MEBIBYTE

FREE_MODELS = {"claude-haiku-4-5", "gemini-2.0-flash", "gpt-4o-mini", "house"}
STARTER_MODELS = FREE_MODELS | {"claude-sonnet-4-5", "gemini-2.5-flash", "gpt-4o"}
PRO_MODELS = STARTER_MODELS | {"gemini-2.5-pro", "o1-mini"}

ATELIER = {
    "sessions_per_month": (5, 30, 100, UNLIMITED),
    "projects": (2, 10, 50, UNLIMITED),
    "agents_per_session": (2, 3, 4, 4),
    "rounds_per_session": (3, 6, 12, 20),
    "words_per_document": (3_000, 15_000, 50_000, 100_000),
    "version_retention_days": (30, UNLIMITED, UNLIMITED, UNLIMITED),
    "transformations_per_month": (10, 100, 500, UNLIMITED),
    "embeddings_per_month": (100, 2_000, 10_000, UNLIMITED),
    "conversations_per_month": (5, 30, 100, UNLIMITED),
    "storage_bytes": (1 * GB, 10 * GB, 50 * GB, 500 * GB),
    "objects": (100, 2_000, 10_000, UNLIMITED),
    "shared_objects": (10, 100, 1_000, UNLIMITED),
    "tokens_per_request": (4_000, 16_000, 32_000, 100_000),
    "file_bytes": (5 * MB, 20 * MB, 50 * MB, 200 * MB),
    "concurrent_jobs": (1, 2, 5, 20),
    "ai_requests_per_hour": (10, 50, 100, 1_000),
    "version_history": (False, True, True, True),
    "export": (False, True, True, True),
    "multiple_avatars": (False, True, True, True),
    "encryption": (False, True, True, True),
    "priority_support": (False, False, True, True),
    "api_access": (False, False, False, True),
    "moderation": ("standard", "standard", "relaxed", "custom"),
}

HUMANIZER = {
    "transformations_per_month": (10, 500, UNLIMITED),
    "tokens_per_month": (40_000, 500_000, UNLIMITED),
    "embeddings_per_month": (100, 10_000, UNLIMITED),
    "conversations_per_month": (5, 100, UNLIMITED),
    "storage_bytes": (1 * GB, 50 * GB, 500 * GB),
    "objects": (100, 10_000, UNLIMITED),
    "shared_objects": (10, 1_000, UNLIMITED),
    "tokens_per_request": (4_000, 32_000, 100_000),
    "file_bytes": (5 * MB, 50 * MB, 200 * MB),
    "concurrent_jobs": (1, 5, 20),
    "ai_requests_per_hour": (10, 100, 1_000),
    "export": (False, True, True),
    "encryption": (False, True, True),
    "multiple_avatars": (False, True, True),
    "priority_support": (False, True, True),
    "api_access": (False, False, True),
    "moderation": ("standard", "relaxed", "custom"),
}

AVATAR_G = {
    "avatar_creations": (1, UNLIMITED, UNLIMITED, UNLIMITED),
    "video_creations": (5, UNLIMITED, UNLIMITED, UNLIMITED),
    "music_creations": (5, UNLIMITED, UNLIMITED, UNLIMITED),
    "voice_slots": (0, 3, 3, 3),
    "multi_agent": (False, False, True, True),
    "api_access": (False, False, True, True),
    "single_sign_on": (False, False, False, True),
    "dedicated_hosting": (False, False, False, True),
    "custom_agents": (False, False, False, True),
}

MULTIPLIERS = {
    "claude-opus-4-5": "3.0",
    "claude-sonnet-4-5": "1.0",
    "claude-sonnet-4-thinking": "1.5",
    "claude-haiku-4-5": "0.25",
    "gemini-2.5-pro": "1.2",
    "gemini-2.5-flash": "0.4",
    "gemini-2.0-flash": "0.3",
    "gpt-4o": "1.0",
    "gpt-4o-mini": "0.25",
    "o1": "4.0",
    "o1-mini": "1.5",
    "o3-mini": "2.0",
    "house": "0.1",
}

AGENTS = {
    "avatar-builder": ("free", 10),
    "video-studio": ("free", 20),
    "music-studio": ("free", 15),
    "voice-lab": ("pro", 50),
    "media-production": ("pro", 25),
    "business-agent": ("pro", 15),
    "chat": ("free", 1),
    "game-creator": ("pro", 30),
    "image-creator": ("free", 8),
    "social-media": ("pro", 5),
    "online-shop": ("pro", 10),
    "prompt-builder": ("free", 2),
    "avatar-g": ("premium", 50),
}


@pytest.mark.parametrize(
    ("name", "plans", "figures"),
    [
        ("atelier", PLANS, ATELIER),
        ("humanizer", ("free", "premium", "enterprise"), HUMANIZER),
        ("avatar-g", ("free", "pro", "premium", "enterprise"), AVATAR_G),
    ],
)
def test_limits_are_those_of_the_appendix(name, plans, figures):
    catalogue = shipped(name)
    assert tuple(plan.code for plan in catalogue.plans) == plans
    for key, wanted in figures.items():
        found = tuple(getattr(catalogue.plan(plan).limits, key) for plan in plans)
        assert (key, found) == (key, wanted)


def test_what_a_catalogue_does_not_meter_is_unlimited():
    limits = shipped("humanizer").plan("free").limits
    assert (limits.projects, limits.sessions_per_month, limits.version_history) == (None, None, True)
    assert shipped("avatar-g").plan("free").limits.tokens_per_month is None


def test_atelier_prices_and_credits():
    plans = shipped("atelier").plans
    assert [plan.is_free for plan in plans] == [True, False, False, False]
    assert [plan.month_cents for plan in plans] == [None, 29_00, 79_00, 199_00]
    assert [plan.year_cents for plan in plans] == [None, 290_00, 790_00, 1_990_00]
    assert [plan.credits_per_month for plan in plans] == [20, 150, 500, 2_000]


def test_avatar_g_prices_and_credits():
    plans = shipped("avatar-g").plans
    assert [plan.month_cents for plan in plans] == [None, 29_00, 99_00, 499_00]
    assert [plan.year_cents for plan in plans] == [None, 290_00, 990_00, 4_990_00]
    assert [plan.credits_per_month for plan in plans] == [100, 1_000, 5_000, 50_000]


def test_humanizer_meters_by_quota_and_names_no_prices():
    plans = shipped("humanizer").plans
    assert [plan.credits_per_month for plan in plans] == [None, None, None]
    assert [plan.on_request for plan in plans] == [False, True, True]


def test_atelier_models_by_plan():
    plans = shipped("atelier").plans
    found = [None if plan.limits.models is None else set(plan.limits.models) for plan in plans]
    assert found == [FREE_MODELS, STARTER_MODELS, PRO_MODELS, ALL]


@pytest.mark.parametrize("name", ["atelier", "humanizer", "avatar-g"])
def test_multipliers_and_economics(name):
    catalogue = shipped(name)
    assert {model.name: model.multiplier for model in catalogue.models} == {
        model: Decimal(weight) for model, weight in MULTIPLIERS.items()
    }
    economics = catalogue.economics
    assert (economics.tokens_per_credit, economics.output_weight, economics.rollover_cap) == (10_000, 1, 0)


@pytest.mark.parametrize("name", ["atelier", "humanizer", "avatar-g"])
def test_costs_of_the_operator(name):
    catalogue = shipped(name)
    prices = {model.name: (model.usd_in, model.usd_out) for model in catalogue.models}
    assert prices["claude-sonnet-4-5"] == (3, 15)
    assert prices["house"] == (0, 0)
    costs = catalogue.costs
    assert costs.input_share == Decimal("0.8")
    assert costs.embedding_per_1000_tokens == Decimal("0.00013")
    assert costs.storage_per_gb_month == Decimal("0.023")
    assert costs.bandwidth_per_gb == Decimal("0.09")


def test_one_time_products_of_atelier():
    assert [(p.code, p.price_cents, p.credits) for p in shipped("atelier").products] == [
        ("credits-100", 19_00, 100),
        ("credits-500", 79_00, 500),
        ("manuscript-review", 49_00, None),
    ]


def test_manuscript_review_brings_the_credits_it_takes():
    review = shipped("atelier").products[2]
    assert (review.service, review.includes_credits) == ("manuscript-review", 150)
    assert [(p.service, p.includes_credits) for p in shipped("atelier").products[:2]] == [("", 0), ("", 0)]


@pytest.mark.parametrize("name", ["atelier", "humanizer", "avatar-g"])
def test_no_shipped_plan_has_a_trial(name):
    assert {(plan.trial_days, plan.trial_credits) for plan in shipped(name).plans} == {(0, 0)}


def test_agents_of_avatar_g_cost_their_base_price():
    agents = shipped("avatar-g").agents
    assert {agent.name: (agent.minimum_plan, agent.price) for agent in agents} == AGENTS
    assert not any(agent.adds_tokens for agent in agents)


def test_agents_of_atelier_cost_a_tenth_at_least_one_rounded_up_and_their_tokens():
    agents = {agent.name: agent for agent in shipped("atelier").agents}
    assert {name: agent.price for name, agent in agents.items()} == {
        "avatar-builder": 1,
        "video-studio": 2,
        "music-studio": 2,
        "voice-lab": 5,
        "media-production": 3,
        "business-agent": 2,
        "chat": 1,
        "game-creator": 3,
        "image-creator": 1,
        "social-media": 1,
        "online-shop": 1,
        "prompt-builder": 1,
        "avatar-g": 5,
    }
    assert all(agent.adds_tokens for agent in agents.values())


def test_an_agent_whose_plan_is_not_sold_needs_the_next_higher_one():
    assert {a.name: a.minimum_plan for a in shipped("atelier").agents}["avatar-g"] == "enterprise"
    assert {a.name: a.minimum_plan for a in shipped("humanizer").agents}["voice-lab"] == "premium"


@pytest.mark.parametrize("name", ["humanizer", "avatar-g"])
def test_other_catalogues_sell_nothing_once(name):
    assert shipped(name).products == ()


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["atelier", "humanizer", "avatar-g"])
def test_what_is_sold_is_what_the_catalogue_says(name):
    """The figures above, as they stand in the database: what checkouts, grants and refusals read."""
    load_shipped(name)
    catalogue = shipped(name)
    sold = {terms.plan.code: terms for terms in PlanTerms.objects.offered().prefetch_related("prices")}
    assert list(sold) == [plan.code for plan in catalogue.plans]
    for plan in catalogue.plans:
        terms = sold[plan.code]
        assert (terms.credits_per_month, terms.limits) == (plan.credits_per_month, plan.limits)
        prices = {price.interval: price.amount_cents for price in terms.prices.all()}
        wanted = {"month": plan.month_cents, "year": plan.year_cents}
        assert prices == {interval: cents for interval, cents in wanted.items() if cents is not None}
    assert {model.name: model.multiplier for model in ModelPrice.objects.all()} == {
        model: Decimal(weight) for model, weight in MULTIPLIERS.items()
    }
    agents = AgentPrice.objects.values_list("name", "minimum_plan__code", "price", "adds_tokens")
    assert set(agents) == {(a.name, a.minimum_plan, a.price, a.adds_tokens) for a in catalogue.agents}
    products = Product.objects.filter(is_offered=True).values_list(
        "code", "price_cents", "credits", "service", "includes_credits"
    )
    assert list(products) == [
        (p.code, p.price_cents, p.credits, p.service, p.includes_credits) for p in catalogue.products
    ]
    in_force = CatalogueVersion.objects.get(is_current=True)
    assert (in_force.name, in_force.tokens_per_credit) == (name, 10_000)
