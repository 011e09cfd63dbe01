"""A catalogue that is not one is refused, with the path of the key that is wrong."""

import copy
import random
from decimal import Decimal

import pytest

from billing.catalogue.document import Catalogue
from billing.catalogue.parsing import parse, read
from billing.catalogue.reading import CatalogueError
from tests.billing.catalogues import edited, raw


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ("tokens_per_credit = 10_000", "", "economics.tokens_per_credit"),
        ("tokens_per_credit = 10_000", "tokens_per_credit = 0", "economics.tokens_per_credit"),
        ("tokens_per_credit = 10_000", "tokens_per_credit = true", "economics.tokens_per_credit"),
        ("output_weight = 1.0", "output_weight = nan", "economics.output_weight"),
        ("output_weight = 1.0", "output_weight = 1.0\ntokens_free = 3", "economics.tokens_free"),
        ("month_cents = 2_900", "month_cents = 0", "plans.starter.price.month_cents"),
        ("month_cents = 2_900", "month_cents = -1", "plans.starter.price.month_cents"),
        ("month_cents = 2_900", "month_cents = 29.0", "plans.starter.price.month_cents"),
        ("month_cents = 2_900, ", "", "plans.starter.price.month_cents"),
        ('price = "free"', 'price = "cheap"', "plans.free.price"),
        ('price = "free"', 'price = "on request"', "plans"),
        ("multiplier = 3.0", "multiplier = nan", "models.claude-opus-4-5.multiplier"),
        ("multiplier = 3.0", "multiplier = inf", "models.claude-opus-4-5.multiplier"),
        ("multiplier = 3.0", "multiplier = 0", "models.claude-opus-4-5.multiplier"),
        ("multiplier = 3.0", "multiplier = -1", "models.claude-opus-4-5.multiplier"),
        ("multiplier = 3.0", "multiplier = 0.0001", "models.claude-opus-4-5.multiplier"),
        ("multiplier = 3.0", 'multiplier = "3.0"', "models.claude-opus-4-5.multiplier"),
        ("usd_in = 5.00", "usd_in = -5.00", "models.claude-opus-4-5.usd_in"),
        ("priced_on = 2025-12-01", "priced_on = 2025-12-01T10:00:00Z", "models.claude-opus-4-5.priced_on"),
        ('name = "o1"', 'name = "o1-mini"', "models.o1-mini"),
        ('aliases = ["gemini-2.0-flash-001"]', 'aliases = ["gpt-4o"]', "models.gpt-4o"),
        ('"house",\n]', '"mansion",\n]', "plans.free.models[3]"),
        ('"house",\n]', '"gpt-4o-mini",\n]', "plans.free.models.gpt-4o-mini"),
        ('code = "starter"', 'code = "free"', "plans.free"),
        ('code = "starter"', 'code = "silver"', "plans.silver.code"),
        ('code = "starter"', 'code = "Star ter"', "plans[1].code"),
        ("projects = 2\n", "", "plans.free.limits.projects"),
        ("projects = 2\n", "projects = -2\n", "plans.free.limits.projects"),
        ("projects = 2\n", 'projects = "many"\n', "plans.free.limits.projects"),
        ("projects = 2\n", "projects = 2\nproject = 2\n", "plans.free.limits.project"),
        ("export = false\n", "", "plans.free.features.export"),
        ("export = false\n", "export = 0\n", "plans.free.features.export"),
        ("export = false\n", "export = false\nteleport = true\n", "plans.free.features.teleport"),
        ('moderation = "standard"', 'moderation = "lax"', "plans.free.moderation"),
        ("credits_per_month = 20", "credits_per_month = 0", "plans.free.credits_per_month"),
        ("credits_per_month = 20", "", "plans.free.credits_per_month"),
        ('tagline = "A whole', 'colour = "red"\ntagline = "A whole', "plans.free.colour"),
        ("price_cents = 1_900", "price_cents = 0", "products.credits-100.price_cents"),
        ("credits = 100\n", "credits = -100\n", "products.credits-100.credits"),
        ('code = "credits-500"', 'code = "credits-100"', "products.credits-100"),
        ("credits = 100\n", 'credits = 100\nservice = "review"\n', "products.credits-100.service"),
        ("credits = 100\n", "credits = 100\nincludes_credits = 5\n", "products.credits-100.includes_credits"),
        ("includes_credits = 150", "includes_credits = -1", "products.manuscript-review.includes_credits"),
        ('service = "manuscript-review"', 'service = ""', "products.manuscript-review.service"),
        ("credits_per_month = 20\n", "credits_per_month = 20\ntrial_days = 7\n", "plans.free.trial_days"),
        ("credits_per_month = 150", "credits_per_month = 150\ntrial_days = 731", "plans.starter.trial_days"),
        ("credits_per_month = 150", "credits_per_month = 150\ntrial_days = -1", "plans.starter.trial_days"),
        (
            "credits_per_month = 150",
            "credits_per_month = 150\ntrial_credits = 5",
            "plans.starter.trial_credits",
        ),
        (
            "credits_per_month = 150",
            'credits_per_month = "not metered"\ntrial_days = 7\ntrial_credits = 5',
            "plans.starter.trial_credits",
        ),
        ("base_price = 10\n", "base_price = 0\n", "agents.list.avatar-builder.base_price"),
        ('minimum_plan = "premium"', 'minimum_plan = "silver"', "agents.list.avatar-g.minimum_plan"),
        ("share = 0.1", "share = nan", "agents.share"),
        ("input_share = 0.8", "input_share = 1.5", "costs.input_share"),
        ('title = "Atelier"', 'title = "Atelier"\nowner = "me"', "owner"),
        ('title = "Atelier"', "title = 3", "title"),
        ('title = "Atelier"', 'title = "Atelier', "catalogue"),
        ('title = "Atelier"', "title = 1e999999999999999999999", "catalogue"),
        ('title = "Atelier"', f"title = {'9' * 5000}", "catalogue"),
    ],
)
def test_bad_catalogue_is_refused_with_the_path_of_the_key(old, new, path):
    with pytest.raises(CatalogueError) as refused:
        parse(edited(old, new))
    assert refused.value.path == path
    assert refused.value.message.startswith(f"{path}: ")


def test_comments_and_order_do_not_change_the_checksum():
    assert parse(edited("# Amounts", "# All amounts")).checksum == read(raw()).checksum
    assert parse(edited("projects = 2\n", "projects = 3\n")).checksum != read(raw()).checksum


WRONG = [
    None,
    True,
    -1,
    0,
    0.5,
    "",
    "x" * 500,
    "a\x00b",
    [],
    {},
    [[]],
    10**30,
    Decimal("NaN"),
    Decimal("Infinity"),
]
WRONG += [
    Decimal("-0.5"),
    Decimal("1e-30"),
    Decimal("1e30"),
    Decimal(0),
    "unlimited",
    "all",
    "free",
    {"a": 1},
]


def _places(node, found):
    """Collect every container with every key or index in it."""
    keys = list(node) if isinstance(node, dict) else range(len(node))
    for key in keys:
        found.append((node, key))
        if isinstance(node[key], dict | list):
            _places(node[key], found)
    return found


def _mutate(data, chance):
    node, key = chance.choice(_places(data, []))
    match chance.choice(["delete", "replace", "replace", "replace", "extra", "double"]):
        case "delete":
            del node[key]
        case "replace":
            node[key] = copy.deepcopy(chance.choice(WRONG))
        case "extra" if isinstance(node, dict):
            node[f"{key}x"] = copy.deepcopy(chance.choice(WRONG))
        case _ if isinstance(node, list):
            node.append(copy.deepcopy(node[key]))
        case _:
            node[key] = -1


def _assert_sound(catalogue: Catalogue):
    """What no accepted catalogue may ever break."""
    assert catalogue.economics.tokens_per_credit > 0
    assert catalogue.economics.output_weight.is_finite()
    assert catalogue.economics.output_weight > 0
    names = {model.name for model in catalogue.models}
    assert len(names) == len(catalogue.models)
    for model in catalogue.models:
        assert model.multiplier.is_finite()
        assert model.multiplier > 0
        assert model.usd_in >= 0
        assert model.usd_out >= 0
    assert [plan.is_free for plan in catalogue.plans].count(True) == 1
    for plan in catalogue.plans:
        for cents in (plan.month_cents, plan.year_cents, plan.credits_per_month):
            assert cents is None or cents > 0
        assert set(plan.limits.models or ()) <= names
        assert type(plan.limits).from_json(plan.limits.as_json()) == plan.limits
    for product in catalogue.products:
        assert product.price_cents > 0
    for agent in catalogue.agents:
        assert agent.price >= 0


def test_a_thousand_mutations_are_each_refused_by_path_or_sound():
    seed = 20_251_201
    chance = random.Random(seed)
    originals = [raw(name) for name in ("atelier", "humanizer", "avatar-g")]
    paths = []
    for _ in range(1_000):
        data = copy.deepcopy(chance.choice(originals))
        for _ in range(chance.randint(1, 3)):
            _mutate(data, chance)
        try:
            _assert_sound(read(data))
        except CatalogueError as error:
            paths.append(error.path)
    assert all(paths), f"seed {seed}: a refusal names no key"
    assert len(paths) > 800, f"seed {seed}: only {len(paths)} were refused"


def test_trial_is_read_and_none_is_none():
    catalogue = parse(
        edited("credits_per_month = 150", "credits_per_month = 150\ntrial_days = 14\ntrial_credits = 30")
    )
    starter, pro = catalogue.plan("starter"), catalogue.plan("pro")
    assert (starter.trial_days, starter.trial_credits) == (14, 30)
    assert (pro.trial_days, pro.trial_credits) == (0, 0)


def test_service_without_a_name_for_its_work_is_called_as_the_product():
    catalogue = parse(edited('service = "manuscript-review"\nincludes_credits = 150\n', ""))
    review = catalogue.products[2]
    assert (review.service, review.includes_credits, review.credits) == ("manuscript-review", 0, None)
