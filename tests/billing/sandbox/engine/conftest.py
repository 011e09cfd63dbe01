"""The engine's tests: a shop of their own each, and every object in the shape of the SDK's classes."""

from collections.abc import Iterator

import pytest

from tests.billing.sandbox.engine.shop import Shop
from tests.billing.sandbox.shapes import assert_shape

_OF_OTHERS = {"checkout.session", "event"}
"""Sessions are made by the API, whose tests check them; events are checked by what they hold."""


@pytest.fixture
def shop() -> Iterator[Shop]:
    """A shop on 1 March 2026; after the test all that it holds must look like Stripe's."""
    shop = Shop()
    yield shop
    for obj in shop.objects():
        if obj["object"] not in _OF_OTHERS:
            assert_shape(obj)
    for event in shop.all_events():
        if event["data"]["object"]["object"] not in _OF_OTHERS:
            assert_shape(event["data"]["object"])
