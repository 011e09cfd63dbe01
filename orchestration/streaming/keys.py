"""Names of a session's keys in Valkey, and how its events are numbered.

All keys of a session share a hash tag, so that one script reaches them on a sharded server too.
"""

from uuid import UUID

KEEP_SECONDS = 24 * 3600
"""How long a quiet session's keys stay; every event prolongs it."""
KEEP_ENDED_SECONDS = 3600
"""How long they stay after its end; by then the database has everything."""
MOST_EVENTS = 20_000
"""A client further behind than this gets a fresh snapshot."""


def channel(session_id: UUID | str) -> str:
    """Return the channel on which the session's events are told as they happen."""
    return f"run:{{{session_id}}}"


def events(session_id: UUID | str) -> str:
    """Return the stream that keeps the session's events."""
    return f"run:{{{session_id}}}:events"


def fence(session_id: UUID | str) -> str:
    """Return the hash of the newest attempt of each turn, the owner's wish, the last event and stamp."""
    return f"run:{{{session_id}}}:fence"


def text(session_id: UUID | str, turn_id: UUID | str) -> str:
    """Return the key of the visible text of a turn at work."""
    return f"run:{{{session_id}}}:text:{turn_id}"


def number_of(stream_id: str) -> int:
    """Return the event number of a stream id ("milliseconds-sequence"): it only grows, also after a flush."""
    milliseconds, _, sequence = stream_id.partition("-")
    return int(milliseconds) * 1000 + int(sequence)


def stream_id_of(number: int) -> str:
    """Return the stream id of an event number."""
    return f"{number // 1000}-{number % 1000}"
