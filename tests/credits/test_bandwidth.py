"""Bytes that leave: added up, flushed, never twice in the log."""

from decimal import Decimal

import pytest
import redis
from django.contrib.auth.models import AnonymousUser
from django.core.signals import request_finished
from django.http import HttpResponse, StreamingHttpResponse

from config.common import valkey
from credits import bandwidth, metering
from credits.middleware import BandwidthMiddleware
from credits.models import Metric, UsageBatch, UsageRecord
from tests.credits.books import assert_whole
from tests.credits.races import at_once

PRICE = Decimal("0.09")


def used(user):
    return metering.used(user_id=user.pk, metric=Metric.BANDWIDTH)


def note(user, size, endpoint="documents"):
    bandwidth.note(user_id=user.pk, endpoint=endpoint, size=size)


@pytest.mark.django_db
def test_what_went_out_is_logged_by_user_and_door(alice, bob):
    for user, size, door in ((alice, 700, "a"), (alice, 300, "a"), (alice, 5, "b"), (bob, 2**30, "a")):
        note(user, size, door)
    assert bandwidth.flush(usd_per_gigabyte=PRICE) == 3
    rows = UsageRecord.objects.order_by("quantity").values_list("user", "endpoint", "quantity", "cost_usd")
    assert list(rows) == [
        (alice.pk, "b", 5, Decimal(0)),
        (alice.pk, "a", 1000, Decimal(0)),
        (bob.pk, "a", 2**30, PRICE),
    ]
    assert set(UsageRecord.objects.values_list("unit", "is_cost_known")) == {("bytes", True)}
    assert (used(alice), used(bob)) == (1005, 2**30)
    assert bandwidth.flush(usd_per_gigabyte=PRICE) == 0
    assert_whole()


@pytest.mark.django_db
def test_without_a_catalogue_the_cost_is_unknown(alice):
    note(alice, 10)
    bandwidth.flush(usd_per_gigabyte=None)
    row = UsageRecord.objects.get()
    assert (row.cost_usd, row.is_cost_known) == (0, False)


@pytest.mark.django_db
def test_what_a_gone_user_took_is_left_out(alice, bob):
    note(alice, 10)
    note(bob, 20)
    alice.delete()
    assert bandwidth.flush(usd_per_gigabyte=PRICE) == 1
    assert used(bob) == 20


@pytest.mark.django_db
@pytest.mark.parametrize("after", ["the close", "the log"])
def test_a_flush_that_dies_loses_and_doubles_nothing(alice, monkeypatch, after):
    note(alice, 100)
    place = (metering, "record_batch") if after == "the close" else (redis.client.Pipeline, "execute")
    with monkeypatch.context() as patch:
        patch.setattr(*place, dies)
        with pytest.raises(KeyboardInterrupt):
            bandwidth.flush(usd_per_gigabyte=PRICE)
    assert used(alice) == (0 if after == "the close" else 100)
    note(alice, 11)
    bandwidth.flush(usd_per_gigabyte=PRICE)
    assert used(alice) == 111
    assert valkey.connection().llen(bandwidth.CLOSED) == 0
    assert_whole()


def dies(*args, **kwargs):
    raise KeyboardInterrupt


@pytest.mark.django_db(transaction=True)
def test_flushes_at_once_write_each_byte_once(alice, bob):
    for _ in range(10):
        note(alice, 3)
        note(bob, 4)
        at_once(*[lambda: bandwidth.flush(usd_per_gigabyte=PRICE)] * 4)
    assert (used(alice), used(bob)) == (30, 40)
    assert_whole()


@pytest.mark.django_db
def test_without_valkey_nothing_fails(alice, settings, monkeypatch):
    settings.REDIS_URL = "unix:///nonexistent/valkey.sock"
    valkey.connection.cache_clear()
    try:
        note(alice, 5)
        with pytest.raises(redis.ConnectionError):
            bandwidth.flush(usd_per_gigabyte=PRICE)
    finally:
        valkey.connection.cache_clear()
    assert not UsageRecord.objects.exists()


@pytest.mark.django_db
def test_keys_of_old_batches_are_forgotten(alice):
    note(alice, 5)
    bandwidth.flush(usd_per_gigabyte=PRICE)
    UsageBatch.objects.update(recorded_at="2026-01-01T00:00Z")
    bandwidth.flush(usd_per_gigabyte=PRICE)
    assert not UsageBatch.objects.exists()


def answered(rf, user, response):
    request = rf.get("/")
    request.user = user
    return BandwidthMiddleware(lambda _: response)(request)


FILE = {"Content-Disposition": 'attachment; filename="statement.json"'}


@pytest.mark.django_db
def test_downloads_are_metered(rf, alice):
    answered(rf, alice, HttpResponse(b"x" * 50, headers=FILE))
    streamed = answered(rf, alice, StreamingHttpResponse(iter([b"x" * 20, b"y" * 30]), headers=FILE))
    assert b"".join(streamed) == b"x" * 20 + b"y" * 30
    bandwidth.flush(usd_per_gigabyte=PRICE)
    assert used(alice) == 100


@pytest.mark.django_db
def test_a_download_left_early_is_metered_as_far_as_it_went(rf, alice, monkeypatch):
    monkeypatch.setattr(request_finished, "send", lambda **_: None)  # it would close the test's connection
    streamed = answered(rf, alice, StreamingHttpResponse(iter([b"x" * 20, b"y" * 30]), headers=FILE))
    next(iter(streamed))
    streamed.close()
    bandwidth.flush(usd_per_gigabyte=PRICE)
    assert used(alice) == 20


@pytest.mark.django_db
def test_pages_and_visitors_are_not_metered(rf, alice):
    answered(rf, alice, HttpResponse(b"a page"))
    answered(rf, AnonymousUser(), HttpResponse(b"a file", headers=FILE))
    assert bandwidth.flush(usd_per_gigabyte=PRICE) == 0
