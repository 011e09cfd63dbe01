"""A month begins: what ended expires, the new allowance is granted, and nothing else moves."""

import logging
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.db import connection
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from credits import ledger, resets, tasks, upkeep
from credits.models import Entry, Lot, MonthlyAllowance, Wallet
from credits.periods import month_start, nth_period, period_containing
from credits.signals import credits_arrived
from tests.credits import books
from tests.credits.books import assert_whole, figures, fund, hold, ownerless_wallet, travel, triggers_asleep
from tests.credits.months import (
    ANCHOR,
    PLAN,
    allowances,
    due_at,
    minutes_left,
    monthly,
    monthly_wallet,
    running_wallet,
    travel_on,
    travel_past_the_month,
)
from tests.credits.planting import CAUGHT, install

pytestmark = pytest.mark.django_db

MOMENT = timedelta(microseconds=1)


def month(number, anchor=ANCHOR):
    """The start of that month."""
    return month_start(anchor=anchor, months=number)


def journal(wallet_id, *, after=0):
    """What the statement says: kind, amount, balance, description."""
    rows = Entry.objects.filter(wallet=wallet_id, seq__gt=after).order_by("seq")
    return list(rows.values_list("kind", "amount", "balance_after", "description"))


def test_a_month_ends_one_allowance_and_grants_the_next():
    wallet_id = running_wallet(20)
    spent = hold(wallet_id, 7)
    ledger.settle(hold_id=spent.hold_id, amount=7, key="s")
    travel_past_the_month(wallet_id)
    before = Wallet.objects.get(pk=wallet_id)
    assert resets.run() == 1
    after = Wallet.objects.get(pk=wallet_id)
    assert journal(wallet_id, after=before.seq) == [
        ("expire", -13, 0, "Not used in time"),
        ("grant", 20, 20, "Credits of the month"),
    ]
    assert (after.available, after.held, after.allowance, after.used) == (20, 0, 20, 0)
    assert after.period_start == before.period_end
    assert [(lot.granted, lot.remaining) for lot in allowances(wallet_id)] == [(20, 0), (20, 20)]
    assert due_at(wallet_id) == after.period_end == allowances(wallet_id)[1].expires_at
    assert_whole()
    assert resets.run() == 0


def test_a_month_is_written_as_the_movements_write_it():
    """The same wallet twice: once by the reset, once by an expiry and a grant."""
    wallets = [monthly_wallet(20), ownerless_wallet()]
    first, second = (nth_period(anchor=ANCHOR, index=index) for index in (0, 1))
    assert resets.run(at=first.start) == 1
    assert resets.run(at=second.start) == 1
    for number, period in enumerate((first, second)):
        if number:
            ledger.expire(wallet_id=wallets[1], key="sweep", description="Not used in time")
        ledger.grant(
            wallet_id=wallets[1],
            amount=20,
            source="allowance",
            key=f"allowance:{wallets[1]}:{period.start.isoformat()}",
            period_start=period.start,
            expires_at=period.end,
            reference=ledger.Reference("subscription", PLAN),
            description="Credits of the month",
        )
    same = (
        "seq",
        "kind",
        "amount",
        "held_change",
        "balance_after",
        "held_after",
        "hold_id",
        "reference_kind",
    )
    more = ("reference_id", "actor_id", "description")
    ours, theirs = (Entry.objects.filter(wallet=w).order_by("seq").values(*same, *more) for w in wallets)
    assert list(ours) == list(theirs)
    same = ("granted", "remaining", "source", "period_start", "expires_at")
    ours, theirs = (Lot.objects.filter(wallet=w).order_by("id").values(*same) for w in wallets)
    assert list(ours) == list(theirs)
    same = ("available", "held", "allowance", "used", "seq", "period_start", "period_end")
    ours, theirs = (Wallet.objects.filter(pk=w).values(*same).get() for w in wallets)
    assert ours == theirs
    assert_whole_but_for_the_future()


@pytest.mark.parametrize("anchor", [ANCHOR, ANCHOR.replace(microsecond=0)])
def test_the_key_of_an_allowance_is_its_wallet_and_month(anchor):
    """RFC 9562's version 8, computed without the database."""
    wallet_id = monthly_wallet(anchor=anchor)
    resets.run(at=anchor)
    start = (anchor - datetime(1970, 1, 1, tzinfo=UTC)) // MOMENT
    key = Entry.objects.get(wallet=wallet_id).key
    assert (key.int >> 80 << 12) + (key.int >> 64) % 2**12 == start
    assert key.int % 2**60 == wallet_id
    assert (key.version, key.hex[16]) == (8, "8")
    resets.run(at=month(1, anchor))
    keys = Entry.objects.filter(wallet=wallet_id).order_by("seq").values_list("key", flat=True)
    assert [(each.version, each.hex[16]) for each in keys] == [(8, "8"), (8, "9"), (8, "8")]
    assert keys[1].hex[:16] == keys[2].hex[:16]


ZONES = [UTC, ZoneInfo("America/New_York"), ZoneInfo("Pacific/Auckland"), timezone(timedelta(hours=-7))]
ANCHORS = [datetime(2024, 1, day, 23, 45, 12, 345678, tzinfo=ZONES[day % len(ZONES)]) for day in range(1, 32)]


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Pacific/Auckland"])
def test_the_database_counts_months_as_python_does(zone):
    """A17: 31 anchors, 48 months, whatever zone the connection speaks."""
    cases = [
        (anchor, index, inside)
        for anchor in ANCHORS
        for index in range(48)
        for inside in (
            month(index, anchor),
            month(index, anchor) + timedelta(days=13),
            month(index + 1, anchor) - MOMENT,
        )
    ]
    starts = [month(index, anchor) for anchor, index, _ in cases]
    anchors, indexes, moments = (list(column) for column in zip(*cases, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL TIME ZONE '{zone}'")
        cursor.execute(
            """SELECT ledger_month_of(anchor, moment), ledger_month_start(anchor, index) = start
               FROM unnest(%s::timestamptz[], %s::integer[], %s::timestamptz[], %s::timestamptz[])
                    c (anchor, index, moment, start)""",
            [anchors, indexes, moments, starts],
        )
        found = cursor.fetchall()
        cursor.execute("SET LOCAL TIME ZONE 'UTC'")
    assert len(found) == 31 * 48 * 3
    assert found == [(index, True) for index in indexes]
    for anchor, index, moment in cases:
        assert period_containing(anchor=anchor, at=moment) == nth_period(anchor=anchor, index=index)


def test_a_short_month_shortens_only_itself():
    wallet_id = monthly_wallet()
    for number in range(4):
        assert resets.run(at=month(number)) == 1
    days = [(f"{lot.period_start:%m-%d}", f"{lot.expires_at:%m-%d}") for lot in allowances(wallet_id)]
    assert days == [("01-31", "02-29"), ("02-29", "03-31"), ("03-31", "04-30"), ("04-30", "05-31")]


@pytest.mark.timeout(300)
def test_forty_eight_months_of_thirty_one_anchors_by_the_clock():
    """A17: a run every day for four years leaves 48 months that touch, each granted on its first day."""
    wallets = {monthly_wallet(day, anchor=anchor): anchor for day, anchor in enumerate(ANCHORS, 1)}
    day, end = min(ANCHORS).astimezone(UTC), max(ANCHORS) + timedelta(days=4 * 366)
    while day < end:
        resets.run(at=day)
        assert not MonthlyAllowance.objects.filter(due_at__lte=day).exists()
        day += timedelta(days=1)
    for amount, (wallet_id, anchor) in enumerate(wallets.items(), 1):
        lots = allowances(wallet_id)[:48]
        assert [(lot.period_start, lot.expires_at) for lot in lots] == [
            (month(index, anchor), month(index + 1, anchor)) for index in range(48)
        ]
        assert {lot.granted for lot in lots} == {amount}
        assert figures(wallet_id) == (amount, 0)
    assert_whole_but_for_the_future()


def assert_whole_but_for_the_future():
    """All invariants; that an expired lot is swept cannot hold where the clock was ours."""
    from credits import verification

    for invariant, found in verification.verify():
        assert not found or invariant.code == "I26", f"{invariant.code}: {found[0]}"


def test_months_that_were_missed_are_not_made_up_for():
    wallet_id = monthly_wallet(20)
    resets.run(at=ANCHOR)
    assert resets.run(at=month(4) + timedelta(days=3)) == 1
    assert [(lot.period_start, lot.remaining) for lot in allowances(wallet_id)] == [
        (month(0), 0),
        (month(4), 20),
    ]
    assert (figures(wallet_id), due_at(wallet_id)) == ((20, 0), month(5))


def test_nothing_is_granted_from_the_end_on():
    wallet_id = monthly_wallet(20, until=month(2))
    assert [resets.run(at=month(number)) for number in range(4)] == [1, 1, 0, 0]
    assert [lot.period_start for lot in allowances(wallet_id)] == [month(0), month(1)]
    assert due_at(wallet_id) is None


def test_a_month_missed_until_the_end_is_gone():
    wallet_id = monthly_wallet(20, until=month(2))
    resets.run(at=ANCHOR)
    assert resets.run(at=month(2)) == 0
    assert (len(allowances(wallet_id)), due_at(wallet_id)) == (1, None)


def test_entries_stand_in_the_order_of_the_clock_whatever_moment_is_asked_for():
    wallet_id = running_wallet(20)
    hold(wallet_id, 5)
    resets.arrange(wallet_id=wallet_id, monthly=monthly(50), anchor=ANCHOR, due_at=ANCHOR)
    assert resets.begin(wallet_id=wallet_id, at=ANCHOR)
    hold(wallet_id, 5)
    times = list(Entry.objects.filter(wallet=wallet_id).order_by("seq").values_list("created_at", flat=True))
    assert len(times) == 4
    assert times == sorted(times)


def test_a_new_arrangement_counts_from_the_next_month_on():
    wallet_id = monthly_wallet(20)
    resets.run(at=ANCHOR)
    resets.arrange(wallet_id=wallet_id, monthly=monthly(50))
    assert (figures(wallet_id), due_at(wallet_id)) == ((20, 0), month(1))
    resets.run(at=month(1))
    assert figures(wallet_id) == (50, 0)
    resets.stop(wallet_id=wallet_id)
    assert resets.run(at=month(2)) == 0
    assert figures(wallet_id) == (50, 0)


def test_a_month_that_has_its_allowance_is_passed_over():
    wallet_id = monthly_wallet(20)
    resets.run(at=ANCHOR)
    resets.arrange(wallet_id=wallet_id, monthly=monthly(50), due_at=ANCHOR)
    assert resets.run(at=ANCHOR + timedelta(days=9)) == 0
    assert (figures(wallet_id), due_at(wallet_id)) == ((20, 0), month(1))


def test_a_wallet_that_never_had_a_month_begins_the_one_it_is_in():
    wallet_id = ownerless_wallet()
    resets.arrange(wallet_id=wallet_id, monthly=monthly(20))
    assert resets.begin(wallet_id=wallet_id)
    wallet = Wallet.objects.get(pk=wallet_id)
    assert (wallet.period_start, wallet.available) == (wallet.opened_at, 20)


@pytest.mark.parametrize(("left", "cap", "taken_over"), [(13, 0, 0), (13, 5, 5), (3, 5, 3), (0, 5, 0)])
def test_what_is_unused_is_taken_over_up_to_the_cap(left, cap, taken_over):
    wallet_id = running_wallet(20, rollover_cap=cap)
    if left < 20:
        spent = hold(wallet_id, 20)
        ledger.settle(hold_id=spent.hold_id, amount=20 - left, key="s")
    period_end = Wallet.objects.get(pk=wallet_id).period_end
    assert resets.run(at=period_end) == 1
    wallet = Wallet.objects.get(pk=wallet_id)
    assert (wallet.available, wallet.allowance) == (20 + taken_over,) * 2
    assert_whole()


def test_what_was_taken_over_counts_again_and_never_piles_up():
    wallet_id = monthly_wallet(20, rollover_cap=30)
    granted = []
    for number in range(4):
        resets.run(at=month(number))
        granted.append(allowances(wallet_id)[-1].granted)
    assert granted == [20, 40, 50, 50]


def test_a_sweep_before_the_reset_takes_nothing_from_the_next_month():
    """As when an invoice is paid a while after the month it is for has begun."""
    wallet_id = monthly_wallet(20, rollover_cap=30, until=month(1))
    resets.run(at=ANCHOR)
    assert upkeep.sweep_expired() == 1
    resets.arrange(wallet_id=wallet_id, monthly=monthly(20, rollover_cap=30), due_at=month(1))
    assert resets.begin(wallet_id=wallet_id, at=month(1) + timedelta(hours=9))
    assert figures(wallet_id) == (40, 0)


def test_nothing_is_taken_over_from_before_a_gap():
    wallet_id = monthly_wallet(20, rollover_cap=30)
    resets.run(at=ANCHOR)
    resets.run(at=month(3))
    assert figures(wallet_id) == (20, 0)


lots = st.lists(
    st.tuples(
        st.sampled_from(["purchase", "bonus", "refund", "adjustment"]),
        st.integers(1, 90),
        st.sampled_from([None, 90 * 24 * 60]),
    ),
    max_size=6,
)


@pytest.fixture
def known_sizes():
    """Tables whose sizes the planner knows: what earlier tests deleted would else cost every proof a scan."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


@pytest.mark.timeout(600)
@examples(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(portfolio=lots, spent=st.integers(0, 120), cap=st.sampled_from([0, 7]))
def test_a_reset_touches_the_allowance_only(known_sizes, portfolio, spent, cap):
    """A15: whatever was bought or given stays, to the credit, and to the row."""
    check_other_lots_stay(portfolio, spent, cap)


def check_other_lots_stay(portfolio, spent, cap):
    """Spend, reset, compare."""
    wallet_id = running_wallet(20, rollover_cap=cap)
    for source, amount, minutes in portfolio:
        fund(wallet_id, amount, source=source, minutes=minutes)
    if spent := min(spent, figures(wallet_id)[0]):
        held = hold(wallet_id, spent)
        ledger.settle(hold_id=held.hold_id, amount=spent, key=books.fresh_key())
    others = Lot.objects.filter(wallet=wallet_id).exclude(source="allowance").order_by("id")
    before = list(others.values())
    unused = allowances(wallet_id)[0].remaining
    assert resets.run(at=Wallet.objects.get(pk=wallet_id).period_end) == 1
    assert list(others.values()) == before
    kept = sum(lot["remaining"] for lot in before)
    assert figures(wallet_id) == (kept + 20 + min(unused, cap), 0)
    assert_whole()
    MonthlyAllowance.objects.all().delete()


def test_a_hold_outlives_the_reset_and_what_it_returns_is_swept():
    """A11, A16: the run goes on with the old month's credits; the new month pays nothing of it."""
    wallet_id = running_wallet(20)
    travel(minutes_left(wallet_id) - 10)
    held = hold(wallet_id, 15)
    travel_on(12)
    assert resets.run() == 1
    old, new = allowances(wallet_id)
    assert (figures(wallet_id), old.remaining, new.remaining) == ((20, 15), 0, 20)
    ledger.settle(hold_id=held.hold_id, amount=9, key="s")
    old.refresh_from_db()
    assert (figures(wallet_id), old.remaining) == ((26, 0), 6)
    with pytest.raises(ledger.InsufficientCredits):
        hold(wallet_id, 21)
    assert upkeep.sweep_expired(within=timedelta(days=2)) == 1
    assert figures(wallet_id) == (20, 0)
    assert Wallet.objects.get(pk=wallet_id).used == 9
    assert_whole()


def test_other_lots_that_have_just_ended_expire_with_the_allowance():
    wallet_id = running_wallet(20)
    fund(wallet_id, 5, minutes=minutes_left(wallet_id) + 2)
    fund(wallet_id, 3, minutes=minutes_left(wallet_id) + 20)
    travel_on(minutes_left(wallet_id) + 4)
    resets.run()
    assert journal(wallet_id, after=3)[0] == ("expire", -25, 3, "Not used in time")
    assert figures(wallet_id) == (23, 0)
    assert_whole()


def test_a_parked_wallet_waits_for_its_month_and_its_lots_are_swept_all_the_same():
    wallet_id = running_wallet(20)
    travel_past_the_month(wallet_id)
    Wallet.objects.get(pk=wallet_id).park(reason="why")
    assert resets.run() == 0
    assert upkeep.sweep_expired() == 1
    assert figures(wallet_id) == (0, 0)
    Wallet.objects.get(pk=wallet_id).unpark()
    assert resets.run() == 1
    assert figures(wallet_id) == (20, 0)
    assert_whole()


def test_the_sweep_leaves_what_is_due_to_the_reset():
    wallet_id = running_wallet(20)
    travel_past_the_month(wallet_id)
    assert upkeep.sweep_expired() == 0
    assert resets.run() == 1


def test_a_wallet_whose_figures_are_refused_holds_up_nobody(monkeypatch, caplog):
    monkeypatch.setattr(resets, "BATCH", 4)
    wallets = [monthly_wallet(20) for _ in range(10)]
    resets.run(at=ANCHOR)
    with triggers_asleep() as cursor:
        cursor.execute("UPDATE credits_wallet SET available = 0 WHERE id = %s", [wallets[5]])
    with caplog.at_level(logging.ERROR):
        assert resets.run(at=month(1)) == 9
    assert [record.message for record in caplog.records] == [
        f"The month of wallet {wallets[5]} cannot begin: its figures are refused"
    ]
    assert [len(allowances(wallet_id)) for wallet_id in wallets] == [2] * 5 + [1] + [2] * 4
    assert due_at(wallets[5]) == month(1)


def test_an_erased_account_gets_no_more_months(alice):
    wallet = alice.wallet
    assert MonthlyAllowance.objects.filter(pk=wallet.pk).exists()
    alice.delete()
    assert resets.run(at=wallet.opened_at + timedelta(days=400)) == 0
    assert_whole()


def test_the_clock_asks_every_minute():
    wallet_id = running_wallet(20)
    travel_past_the_month(wallet_id)
    schedule = settings.CELERY_BEAT_SCHEDULE["credits-reset-months"]
    assert (schedule["task"], schedule["schedule"]) == (tasks.reset_months.name, 60.0)
    tasks.reset_months()
    assert len(allowances(wallet_id)) == 2


def test_many_that_are_due_are_shared_by_the_workers(monkeypatch):
    monkeypatch.setattr(resets, "SHARE", 3)
    wallets = [monthly_wallet(anchor=datetime.now(UTC) - timedelta(seconds=1)) for _ in range(8)]
    shares = resets.shares()
    assert shares == [range(wallets[n], wallets[min(n + 2, 7)] + 1) for n in (0, 3, 6)]
    handed_over = []
    monkeypatch.setattr(tasks.reset_share, "apply_async", lambda share, **kwargs: handed_over.append(share))
    tasks.reset_months()
    assert handed_over == [(share.start, share.stop) for share in shares[1:]]
    assert [len(allowances(wallet_id)) for wallet_id in wallets] == [1] * 3 + [0] * 5
    for share in handed_over:
        tasks.reset_share(*share)
    assert [len(allowances(wallet_id)) for wallet_id in wallets] == [1] * 8
    tasks.reset_months()
    assert len(handed_over) == 2


def test_a_month_that_begins_by_itself_wakes_who_waits_for_credits(django_capture_on_commit_callbacks):
    heard = []

    def hear(wallet_id, **kwargs):
        heard.append(wallet_id)

    credits_arrived.connect(hear)
    wallet_id = monthly_wallet()
    with django_capture_on_commit_callbacks(execute=True):
        resets.begin(wallet_id=wallet_id, at=ANCHOR)
        resets.begin(wallet_id=wallet_id, at=ANCHOR)
    credits_arrived.disconnect(hear)
    assert heard == [wallet_id]


def test_a_run_costs_the_same_for_one_and_for_three(django_assert_num_queries):
    """Asked, reset, asked again; in a transaction of its own."""
    for wallets in (1, 3):
        for _ in range(wallets):
            monthly_wallet()
        with django_assert_num_queries(5):
            assert resets.run(at=ANCHOR) == wallets
        MonthlyAllowance.objects.all().delete()


MUTANTS = {
    "sets the balance": (
        "available = balance_after - x.held",
        "available = granted",
        lambda: check_other_lots_stay([("purchase", 30, None)], 0, 0),
    ),
    "keeps what was used": ("used = 0,", "", test_a_month_ends_one_allowance_and_grants_the_next),
    "expires what is not over": (
        "AND l.expires_at <= at",
        "AND l.expires_at IS NOT NULL",
        test_other_lots_that_have_just_ended_expire_with_the_allowance,
    ),
    "leaves the old allowance": (
        "AND l.remaining > 0",
        "AND false",
        test_a_month_ends_one_allowance_and_grants_the_next,
    ),
    "knows no end": ("(until IS NULL OR starts < until)", "true", test_a_month_missed_until_the_end_is_gone),
    "grants a month again": (
        "l.period_start = due.starts",
        "false",
        test_a_month_that_has_its_allowance_is_passed_over,
    ),
    "does not wait for a parked one": (
        "w.parked_at IS NULL AND",
        "",
        test_a_parked_wallet_waits_for_its_month_and_its_lots_are_swept_all_the_same,
    ),
    "takes over from before a gap": (
        "new.period_end = new.starts",
        "true",
        test_nothing_is_taken_over_from_before_a_gap,
    ),
    "forgets the previous hash": (
        "sha256(expire_hash || ",
        "sha256(",
        test_a_month_ends_one_allowance_and_grants_the_next,
    ),
    "counts from the last month": (
        "ledger_month_start(n.anchor, n.month + 1)",
        "ledger_month_start(ledger_month_start(n.anchor, n.month), 1)",
        test_a_short_month_shortens_only_itself,
    ),
}


@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_mutant_fails_its_test(mutant):
    instead, by, check = MUTANTS[mutant]
    install("reset", instead=instead, by=by)
    with pytest.raises(CAUGHT):
        check()
