"""Payments and what they bring as a plain Python model: what the studio must agree with, whatever happens."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from credits.periods import Period, period_containing

GRACE = timedelta(days=3)
MONTHLY = {"starter": 150, "pro": 500, "enterprise": 2_000}
PLANS = list(MONTHLY)


@dataclass(eq=False)
class Paid:
    """A payment: what it brought so far, and what of it has gone back, by the id of the refund or dispute."""

    id: str
    cents: int
    brought: int = 0
    back: dict[str, int] = field(default_factory=dict)
    lost: set[str] = field(default_factory=set)
    """Those that cost the money for good: refunds, and disputes that were lost."""
    plan: str = ""

    @property
    def due(self) -> int:
        """The share of its credits that goes with the money, rounded up."""
        return -(-self.brought * min(self.cents, sum(self.back.values())) // self.cents)

    @property
    def is_kept(self) -> bool:
        """Whether it still pays for its time."""
        return sum(self.back[id] for id in self.lost) < self.cents


@dataclass(eq=False)
class Term:
    """A period of a subscription that was paid for, in parts where it was changed upwards in between."""

    period: Period
    anchor: datetime
    paid: list[Paid]
    months: set[datetime] = field(default_factory=set)

    @property
    def is_kept(self) -> bool:
        """Whether any of what was paid for it still pays for it."""
        return any(paid.is_kept for paid in self.paid)


@dataclass(eq=False)
class Contract:
    """A subscription at Stripe."""

    id: str
    plan: str
    interval: str
    anchor: datetime
    terms: list[Term] = field(default_factory=list)
    is_live: bool = True

    @property
    def paid_until(self) -> datetime | None:
        """The end of the last period that was paid for and not given back as a whole."""
        return max((term.period.end for term in self.terms if term.is_kept), default=None)

    @property
    def in_force(self) -> str:
        """The plan that it entitles to: where all that was paid for a change went back, the one before."""
        running = [paid for term in self.terms if term.period.end >= self.paid_until for paid in term.paid]
        kept = [paid.plan for paid in running if paid.is_kept]
        is_gone = self.plan in [paid.plan for paid in running] and self.plan not in kept
        return kept[-1] if is_gone and kept else self.plan

    def gives(self, now: datetime) -> bool:
        """Whether it entitles."""
        return self.paid_until is not None and self.paid_until + GRACE > now


@dataclass
class Model:
    """One payer: what was granted and spent, and what the plan in force grants by the clock."""

    granted: int = 0
    spent: int = 0
    payments: dict[str, Paid] = field(default_factory=dict)
    contracts: list[Contract] = field(default_factory=list)
    running: Contract | None = None
    arranged: Term | None = None

    @property
    def live(self) -> Contract | None:
        """The subscription that Stripe charges for."""
        return next((contract for contract in self.contracts if contract.is_live), None)

    def pay(self, paid: Paid, *, brings: int = 0) -> Paid:
        """Note a payment and what it brings at once."""
        self.payments[paid.id] = paid
        self._grant(paid, brings)
        return paid

    def begin(self, contract: Contract, term: Term, now: datetime) -> None:
        """A whole period was paid for: its running month comes at once."""
        contract.terms.append(term)
        self.follow(now, given_by=term)
        self.arranged = term
        self._month(now)

    def change(self, contract: Contract, plan: str, paid: Paid, now: datetime) -> None:
        """The rest of a period was paid for at a greater plan: the difference for the rest of the month."""
        term = contract.terms[-1]
        more = MONTHLY[plan] - MONTHLY[contract.plan]
        month = period_containing(anchor=contract.anchor, at=now)
        share = (month.end - now) // timedelta(microseconds=1) * more
        contract.plan = paid.plan = plan
        term.paid.append(paid)
        self.pay(paid, brings=share // ((month.end - month.start) // timedelta(microseconds=1)))
        self.follow(now)

    def follow(self, now: datetime, *, given_by: Term | None = None) -> None:
        """Work out which subscription is in force; one that comes back goes on with its months."""
        giving = [contract for contract in self.contracts if contract.gives(now)]
        before = self.running
        self.running = max(giving, key=lambda each: (each.is_live, each.paid_until), default=None)
        if self.running is before:
            return
        self.arranged = None
        if self.running is not None and given_by is None:
            kept = [term for term in self.running.terms if term.is_kept]
            self.arranged = max(kept, key=lambda term: term.period.end)
            self._month(now)

    def tick(self, now: datetime) -> None:
        """What the clock does: who is past the end falls, the month that has come is granted."""
        self.follow(now)
        self._month(now)

    def _month(self, now: datetime) -> None:
        term = self.arranged
        if term is None or self.running is None or now not in term.period:
            return
        start = period_containing(anchor=term.anchor, at=now).start
        if start not in term.months:
            term.months.add(start)
            whole, counted = MONTHLY[self.running.in_force], 0
            for paid in term.paid:  # each what its plan adds
                upto = max(counted, min(whole, MONTHLY[paid.plan]))
                self._grant(paid, upto - counted)
                counted = upto

    def _grant(self, paid: Paid, credits: int) -> None:
        paid.brought += credits
        self.granted += credits
