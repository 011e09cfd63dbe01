"""What pages and API read of a wallet: its balance, its lots, its history."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Sum

from accounts.models import User
from config.common.clock import now
from credits.causes import Scope
from credits.journal import places_before
from credits.models import Entry, EntryKind, Lot, Wallet
from credits.models.entry import EntryQuerySet


@dataclass(frozen=True, slots=True)
class Balance:
    """What an account can spend, in whole credits."""

    wallet_id: int
    available: int
    held: int
    allowance: int
    used_this_period: int
    starts_at: datetime
    resets_at: datetime
    opened_at: datetime
    is_parked: bool
    owed: int
    """Credits that were spent and whose money went back: until they are made good, nothing starts."""

    @property
    def whole(self) -> int:
        """What the period had to spend: the full length of its meter."""
        return max(self.allowance, self.available + self.held + self.used_this_period)

    @property
    def left(self) -> int:
        """What is not spent: free credits and held ones."""
        return self.available + self.held

    @property
    def is_low(self) -> bool:
        """Whether a fifth of the period's credits is left, or less; nothing is low that never was."""
        return self.whole > 0 and self.left * 5 <= self.whole

    @property
    def is_spent(self) -> bool:
        """Whether there were credits and none is left to start with."""
        return self.whole > 0 and not self.available

    @property
    def debt(self) -> str:
        """What it owes, in words; empty where it owes nothing."""
        return f"{self.owed} {'credit' if self.owed == 1 else 'credits'}" if self.owed else ""

    @property
    def tone(self) -> str:
        """The tone of its meter."""
        return "bad" if self.is_spent else "warn" if self.is_low else ""


def balance_of(user: User) -> Balance:
    """Return the balance of `user` in one query; lots whose time is over no longer count.

    Where the period of the last allowance is over and no other was granted, the running one has none, and
    what it used is summed up from the journal: a second query.
    """
    at = now()
    wallet = Wallet.objects.of(user).with_expired().get()
    period = wallet.period(at=at)
    is_counted = period.start == (wallet.period_start or wallet.opened_at)
    used = wallet.used if is_counted else _used_since(wallet, period.start)
    return Balance(
        wallet_id=wallet.pk,
        available=wallet.available - wallet.expired,  # type: ignore[attr-defined]  # annotated
        held=wallet.held,
        allowance=wallet.allowance if is_counted else 0,
        used_this_period=max(used, 0),
        starts_at=period.start,
        resets_at=period.end,
        opened_at=wallet.opened_at,
        is_parked=wallet.parked_at is not None,
        owed=wallet.owed,
    )


def spendable(wallet: Wallet) -> int:
    """Return what `wallet` can spend or be taken now: free credits, without lots whose time is over."""
    now_free = Wallet.objects.with_expired().get(pk=wallet.pk)
    return now_free.available - now_free.expired  # type: ignore[attr-defined]  # annotated


def _used_since(wallet: Wallet, start: datetime) -> int:
    moved = Entry.objects.filter(
        wallet=wallet, kind__in=[EntryKind.SETTLE, EntryKind.REFUND], created_at__gte=start
    )
    return -(moved.aggregate(total=Sum("amount"))["total"] or 0)


def live_lots(balance: Balance) -> list[Lot]:
    """Return what can be spent, in the order in which it will be."""
    return list(Lot.objects.filter(wallet=balance.wallet_id).live(at=now()).in_burn_order())


def history_of(
    user: User,
    *,
    kinds: tuple[EntryKind, ...] = (),
    since: datetime | None = None,
    until: datetime | None = None,
    about: Scope | None = None,
    words: str = "",
) -> EntryQuerySet:
    """Return the journal of `user`, newest first: of `kinds`, from `since` on, before `until`, about a thing.

    `words` must all stand in the description. The wallet is a subquery, not a join: so the journal's own
    index gives the order, and a page of a wallet with a million entries is read as fast as one of ten. Times
    are looked up as places of that index.
    """
    entries = Entry.objects.filter(wallet_id=Wallet.objects.of(user).values("pk")[:1])
    if kinds:
        entries = entries.filter(kind__in=kinds)
    if about is not None:
        entries = entries.filter(reference_kind=about.reference_kind, reference_id__in=about.ids)
        since = max(since, about.since) if since else about.since
    for word in words.split():
        entries = entries.filter(description__icontains=word)
    bounds = {"seq__gt": since, "seq__lte": until}
    moments = {bound: moment for bound, moment in bounds.items() if moment is not None}
    if moments:
        wallet_id = Wallet.objects.of(user).values_list("pk", flat=True).get()
        places = places_before(wallet_id, list(moments.values()))
        entries = entries.filter(**dict(zip(moments, places, strict=True)))
    return entries.order_by("-seq")
