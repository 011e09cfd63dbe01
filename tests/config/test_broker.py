"""A lost broker is a lost connection, not a fault of the worker."""

import pytest
from redis.exceptions import ConnectionError as Lost

from config.celery import app


def test_a_closed_channel_says_that_its_connection_is_lost() -> None:
    with app.connection_for_write() as connection:
        channel = connection.default_channel
        channel.client.ping()
    with pytest.raises(Lost, match="closed"):
        channel._create_client()
