"""A10: giving credits back asks nobody outside: it is a movement of the journal, not a purchase undone."""

import socket

import pytest

from credits import ledger
from credits.models import Entry, Lot
from tests.credits.books import assert_whole, fresh_key, hold
from tests.credits.correcting import Kind, ask

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def calls(monkeypatch):
    """Addresses to which this process tried to connect by network, all refused."""
    tried = []

    def refuse(self, address):
        if self.family in (socket.AF_INET, socket.AF_INET6):
            tried.append(address)
            raise ConnectionRefusedError
        return connect(self, address)

    connect = socket.socket.connect
    monkeypatch.setattr(socket.socket, "connect", refuse)
    return tried


def test_a_refund_of_credits_makes_no_outbound_call(alice, olga, calls):
    wallet_id = alice.wallet.pk
    lots = Lot.objects.count()
    held = hold(wallet_id, 10)
    charge = ledger.settle(hold_id=held.hold_id, amount=10, key=fresh_key())
    ledger.refund(hold_id=held.hold_id, amount=3, key=fresh_key())
    ask(alice.wallet, olga, credits=4, kind=Kind.REFUND, entry=Entry.objects.get(pk=charge.entry_id))
    assert list(Entry.objects.filter(kind="refund").values_list("amount", flat=True).order_by("id")) == [3, 4]
    assert Lot.objects.count() == lots
    assert calls == []
    assert_whole()


def test_an_outbound_call_would_be_seen(calls):
    """The positive control."""
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", 9))
    assert calls == [("127.0.0.1", 9)]
