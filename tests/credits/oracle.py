"""The ledger as a plain Python model: what the database must agree with."""

from dataclasses import dataclass, field

MONTH = 28 * 24 * 60
"""Minutes that every month has."""


@dataclass
class OracleLot:
    """A lot; minutes of the model's clock."""

    remaining: int
    source: str
    expires: int | None
    number: int


@dataclass
class OracleHold:
    """A hold with its draws in burn order."""

    amount: int
    draws: list
    settled: int | None = None
    refunded: int = 0


@dataclass
class Oracle:
    """One wallet: lots, holds, and a clock in minutes."""

    clock: int = 0
    used: int = 0
    owed: int = 0
    period_end: int | None = None
    lots: list = field(default_factory=list)
    holds: dict = field(default_factory=dict)

    @property
    def available(self):
        """Everything not held, expired or not."""
        return sum(lot.remaining for lot in self.lots)

    @property
    def held(self):
        """What open holds keep."""
        return sum(hold.amount for hold in self.holds.values() if hold.settled is None)

    def is_live(self, lot):
        """Whether it can be spent now."""
        return lot.expires is None or lot.expires > self.clock

    @property
    def spendable(self):
        """What a hold can take."""
        return sum(lot.remaining for lot in self.lots if self.is_live(lot))

    def grant(self, amount, source, lifetime):
        """Add a lot; an allowance opens a period."""
        if source == "allowance":
            self.used = 0
        expires = None if lifetime is None else self.clock + lifetime
        if source == "allowance":
            self.period_end = expires
        self.lots.append(OracleLot(amount, source, expires, len(self.lots)))

    def burn(self, amount):
        """Take from live lots in burn order; None when they have too little."""
        return self.take(self.lots, amount) if amount <= self.spendable else None

    def take(self, lots, amount):
        """Take up to `amount` from those of `lots` that are live, in burn order."""
        order = sorted(
            filter(self.is_live, lots),
            key=lambda lot: (
                lot.expires is None,
                lot.expires or 0,
                lot.source != "allowance",
                lot.number,
            ),
        )
        draws = []
        for lot in order:
            part = min(lot.remaining, amount)
            if part:
                lot.remaining -= part
                amount -= part
                draws.append((lot, part))
        return draws

    def hold(self, hold_id, amount):
        """Remember the draws that `burn` made."""
        draws = self.burn(amount)
        if draws is not None:
            self.holds[hold_id] = OracleHold(amount, draws)
        return draws

    def settle(self, hold_id, amount):
        """Spend from the first draws on, give the rest back."""
        hold = self.holds[hold_id]
        hold.settled = amount
        self.used += amount
        for lot, part in hold.draws:
            spent = min(part, amount)
            amount -= spent
            lot.remaining += part - spent

    def refund(self, hold_id, amount):
        """Give back from the last spent credit on; credits of dead lots become one new lot."""
        hold = self.holds[hold_id]
        spent = [lot for lot, part in hold.draws for _ in range(part)][: hold.settled]
        back = spent[len(spent) - hold.refunded - amount : len(spent) - hold.refunded]
        hold.refunded += amount
        self.used -= amount
        homeless = 0
        for lot in back:
            if self.is_live(lot):
                lot.remaining += 1
            else:
                homeless += 1
        if homeless:
            self.grant(homeless, "refund", None)

    def restore(self, taken):
        """Give back what `take` took; credits of dead lots become one new lot."""
        homeless = 0
        for lot, part in taken:
            if self.is_live(lot):
                lot.remaining += part
            else:
                homeless += part
        if homeless:
            self.grant(homeless, "refund", None)

    def expire(self):
        """Sweep what is over; the number of credits taken."""
        dead = [lot for lot in self.lots if not self.is_live(lot)]
        taken = sum(lot.remaining for lot in dead)
        for lot in dead:
            lot.remaining = 0
        return taken

    def begin_month(self, amount):
        """Empty what ended since the last month did, and grant an allowance that outlives every test."""
        for lot in self.lots:
            if not self.is_live(lot) and (self.period_end is None or lot.expires >= self.period_end):
                lot.remaining = 0
        self.grant(amount, "allowance", MONTH)
