"""What is stored is metered once a day."""

from datetime import timedelta
from decimal import Decimal

import pytest

from billing.models import CatalogueVersion
from config.common import clock
from credits import metering
from credits.models import Metric, UsageBatch, UsageRecord
from credits.verification import verify
from objects import metering as stored
from objects.models import NarrativeObject
from objects.services import create_document
from objects.tasks import meter_storage
from tests.credits.races import at_once
from tests.support.people import open_account


def byte_days(user):
    return metering.used(user_id=user.pk, metric=Metric.STORAGE)


@pytest.fixture
def gigabyte(alice):
    document = create_document(owner=alice, title="A", body="Text.")
    NarrativeObject.objects.filter(pk=document.pk).update(storage_bytes=2**30)


@pytest.mark.django_db
def test_each_writer_is_metered_once_a_day(alice, bob, charlie, gigabyte, monkeypatch):
    create_document(owner=bob, title="B", body="Four bytes more.")
    create_document(owner=bob, title="B2", body="Text.")
    assert (stored.meter_storage(), stored.meter_storage()) == (2, 0)
    assert (byte_days(alice), byte_days(bob), byte_days(charlie)) == (2**30, 21, 0)
    row = UsageRecord.objects.get(user=alice)
    assert (row.cost_usd, row.is_cost_known) == (Decimal("0.000756"), True)
    tomorrow = clock.now() + timedelta(days=1)
    monkeypatch.setattr(stored, "now", lambda: tomorrow)
    meter_storage()
    assert byte_days(alice) == 2 * 2**30
    # The gigabyte itself is made up: that no version holds it is all there is to find.
    assert [invariant.code for invariant, found in verify() if found] == ["I32"]


@pytest.mark.django_db
def test_a_run_that_dies_goes_on_where_it_stopped(alice, monkeypatch):
    writers = [open_account(f"w{number}") for number in range(20)]
    for writer in writers:
        create_document(owner=writer, title="T", body="Text.")
    record_batch = metering.record_batch

    def dies_in_the_middle(*, key, acts):
        if key.endswith(":8"):
            raise KeyboardInterrupt
        return record_batch(key=key, acts=acts)

    with monkeypatch.context() as patch:
        patch.setattr(metering, "record_batch", dies_in_the_middle)
        with pytest.raises(KeyboardInterrupt):
            stored.meter_storage()
    assert UsageBatch.objects.count() == 8
    stored.meter_storage()
    assert {byte_days(writer) for writer in writers} == {5}
    assert UsageRecord.objects.count() == 20


@pytest.mark.django_db(transaction=True)
def test_two_clocks_meter_once(alice, bob):
    for writer in (alice, bob):
        create_document(owner=writer, title="T", body="Text.")
    assert sum(at_once(*[stored.meter_storage] * 3)) == 2
    assert UsageRecord.objects.count() == 2


@pytest.mark.django_db
def test_without_a_catalogue_the_cost_is_unknown(alice, gigabyte):
    CatalogueVersion.objects.update(is_current=False)
    stored.meter_storage()
    row = UsageRecord.objects.get()
    assert (row.quantity, row.cost_usd, row.is_cost_known) == (2**30, 0, False)
