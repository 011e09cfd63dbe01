"""What the gallery shows of plans and payments: a writer on Pro, by the month."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from billing.comparison import PlanOnSale, compare
from billing.entitlements import Entitlements
from billing.limits import Limits
from billing.models import Plan, PlanTerms, Price, Product, StripeSubscription
from billing.payments.arrivals import Arrival
from billing.services.changes import Preview
from billing.stripe.readings import Card, InvoiceLine
from billing.subscribing.losses import Excess, Losses
from billing.subscribing.membership import Membership
from billing.subscribing.offering import PlanOffer, ProductOffer, Step

HOUR = datetime(2026, 3, 4, 18, 0, tzinfo=UTC)
MONTH_END = datetime(2026, 3, 28, 9, 30, tzinfo=UTC)


def _plan(code: str, rank: int, cents: int, credits: int, **limits: Any) -> PlanOnSale:
    return PlanOnSale(
        code=code,
        name=code.title(),
        tagline="For whole books, and a full team of editors.",
        rank=rank,
        price_usd_cents=cents,
        year_usd_cents=cents * 10,
        credits=credits,
        limits=Limits(**limits),
    )


PLANS = [
    _plan("free", 0, 0, 20, projects=2, words_per_document=3_000, export=False, api_access=False),
    _plan("starter", 1, 2_900, 150, projects=10, words_per_document=15_000, api_access=False),
    _plan("pro", 2, 7_900, 500, projects=50, words_per_document=50_000, api_access=False),
    _plan("enterprise", 3, 19_900, 2_000, projects=None, words_per_document=100_000),
]
STEPS = [
    Step(label="Start free", url="/accounts/signup/", is_primary=True),
    Step(label="Get Starter", url="/accounts/signup/?next=/billing/choose/"),
    Step(label="Try Pro for 14 days", url="/accounts/signup/?next=/billing/choose/"),
    Step(label="Get Enterprise", url="/accounts/signup/?next=/billing/choose/"),
]
PACK = Product(
    code="credits-100",
    name="100 credits",
    description="Added to what you have. They do not expire with the month.",
    price_cents=1_900,
    credits=100,
)
PRO = PlanTerms(name="Pro", plan=Plan(code="pro", rank=2), credits_per_month=500)
PAID = StripeSubscription(
    id="sub_1",
    price=Price(terms=PRO, interval="month", amount_cents=7_900),
    status="past_due",
    started_at=HOUR - timedelta(days=300),
    period_end=MONTH_END,
    paid_until=HOUR,
    past_due_since=HOUR,
    attempts=2,
    next_attempt_at=HOUR + timedelta(days=2),
)
MEMBER = Membership(
    mine=Entitlements(
        plan_code="pro",
        plan_name="Pro",
        rank=2,
        terms_version=1,
        credits_per_month=500,
        limits=PLANS[2].limits,
        source="paid",
        allowance="granted",
        started_at=HOUR,
        ends_at=HOUR + timedelta(days=3),
    ),
    paid=PAID,
)
INVOICE = InvoiceLine(
    id="in_1",
    number="A1B2C3-0002",
    created_at=HOUR,
    total_cents=7_900,
    due_cents=7_900,
    status="open",
    what="Renewal",
    pdf="/invoice.pdf",
    url="/invoice",
)
LOSSES = Losses(
    read_only=(Excess(limit="projects", label="Projects", used="12", allowed="10"),),
    features=("Priority support",),
    models=("Gemini 2.5 Pro", "o1-mini"),
)

PAGES: dict[str, dict[str, Any]] = {
    "billing/pricing": {
        "interval": "year",
        "has_years": True,
        "most_months_free": 2,
        "offers": [
            PlanOffer(plan=plan, lines=["A line of it"], gains=["Another"], interval="year", step=step)
            for plan, step in zip(PLANS, STEPS, strict=True)
        ],
        "groups": compare(PLANS, []),
        "products": [ProductOffer(product=PACK, step=Step(label="Buy", url="/accounts/signup/"))],
        "economics": SimpleNamespace(tokens_per_credit=10_000),
    },
    "billing/overview": {
        "member": MEMBER,
        "mine": MEMBER.mine,
        "month": SimpleNamespace(end=MONTH_END),
        "days_left": 24,
        "balance": SimpleNamespace(
            available=142, held=6, whole=500, tone="", allowance=500, used_this_period=352, owed=0
        ),
        "invoices": [INVOICE, replace(INVOICE, status="paid")],
        "products": [PACK],
        "card": Card(brand="Visa", last4="0341", month=4, year=2031),
        "discount": "20\u00a0% off",
        "renewal_cents": 6_320,
        "unpaid": INVOICE,
    },
    "billing/change": {
        "preview": Preview(
            due_now_cents=5_234,
            credit_cents=1_933,
            next_cents=19_900,
            next_at=MONTH_END,
            proration_date=HOUR,
            is_upgrade=True,
        ),
        "charge_cents": 7_167,
        "to": PLANS[3],
        "interval": "month",
        "member": MEMBER,
        "losses": LOSSES,
    },
    "billing/cancel": {
        "member": MEMBER,
        "free": SimpleNamespace(name="Free", credits_per_month=20),
        "losses": LOSSES,
    },
    "billing/choose_plan": {
        "plan": PLANS[2],
        "interval": "year",
        "has_both": True,
        "lines": ["50 projects", "50 000 words in a document"],
        "member": replace(MEMBER, paid=None),
        "came_back": True,
    },
    "billing/paid": {
        "arrival": Arrival(
            session="cs_1", asked_at=HOUR, has_arrived=True, is_plan=True, name="Pro", credits=500
        )
    },
}
