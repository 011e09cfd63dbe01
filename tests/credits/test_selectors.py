"""What pages and API read: across the edges of periods, and as fast for a long journal as for a short one."""

from datetime import timedelta

import pytest
from django.db import connection

from credits import ledger
from credits.models import Wallet
from credits.selectors import balance_of, history_of
from tests.credits.books import fund, hold, travel
from tests.support.people import open_account

pytestmark = pytest.mark.django_db

_MONTH = 60 * 24 * 31


def spend(user, amount):
    """Hold and settle all of it."""
    held = hold(user.wallet.pk, amount)
    ledger.settle(hold_id=held.hold_id, amount=amount, key=f"settle {held.hold_id}")
    return held


def test_balance_in_a_period_with_an_allowance(alice):
    spend(alice, 4)
    hold(alice.wallet.pk, 6)
    balance = balance_of(alice)
    assert (balance.available, balance.held, balance.allowance, balance.used_this_period) == (10, 6, 20, 4)
    assert balance.whole == 20
    assert balance.resets_at == Wallet.objects.get(owner=alice).period_end


def test_before_the_first_allowance_the_accounts_own_month_is_counted():
    dora = open_account("dora", verified=False)
    fund(dora.wallet.pk, 50)
    spend(dora, 4)
    balance = balance_of(dora)
    assert (balance.available, balance.allowance, balance.used_this_period) == (46, 0, 4)


def test_an_allowance_whose_period_is_over_is_no_longer_told(alice):
    fund(alice.wallet.pk, 50)
    spend(alice, 4)
    travel(_MONTH + 1)
    with connection.cursor() as cursor:  # the journal's clock is the database's own
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(
            "UPDATE credits_entry SET created_at = created_at - %s", [timedelta(minutes=_MONTH + 1)]
        )
        cursor.execute("SET session_replication_role = DEFAULT")
    balance = balance_of(alice)
    assert (balance.available, balance.allowance, balance.used_this_period) == (50, 0, 0)
    spend(alice, 3)
    assert balance_of(alice).used_this_period == 3


def test_work_of_an_older_period_given_back_is_not_less_than_nothing_used(alice):
    paid = spend(alice, 4)
    Wallet.objects.filter(owner=alice).update(used=0)  # as the next period's allowance leaves it
    ledger.refund(hold_id=paid.hold_id, amount=3, key="refund")
    assert balance_of(alice).used_this_period == 0


def test_a_page_of_the_history_follows_the_journals_index_and_sorts_nothing(alice):
    with connection.cursor() as cursor:  # a table this small would be read whole
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
    plan = history_of(alice)[:26].explain()
    assert "Index Scan Backward using credits_entry_seq_unique" in plan
    assert "Sort" not in plan
