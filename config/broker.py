"""Lets a worker outlive its broker: what kombu does to a lost connection must not end the process."""

from typing import Any

from kombu.transport import redis as transport
from redis.exceptions import ConnectionError as Lost


class Channel(transport.Channel):
    """A channel that says so when it is asked to connect once more after its connection was closed.

    kombu 5.7 fails there with an AttributeError, in putting back unacknowledged messages and in acknowledging
    late. Celery takes that for a fault of the worker itself: it waits for every task at work and ends. A lost
    connection it knows how to live with.
    """

    def _connparams(self, asynchronous: bool = False) -> dict[str, Any]:
        if self.connection is None or self.connection.client is None:
            raise Lost("The connection to the broker is closed.")
        return super()._connparams(asynchronous=asynchronous)  # type: ignore[misc]  # not in the stubs


def use() -> None:
    """Have every connection of this process to the broker made of such channels."""
    transport.Transport.Channel = Channel
