"""Finds places in a wallet's journal by time, however long it is."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.db import connection
from django.db.models import QuerySet

from credits.models import Entry

_LONGEST = 1 << 40
"""More entries than any wallet will ever have; a power of two."""
BATCH = 1000


def places_before(wallet_id: int, moments: Sequence[datetime]) -> list[int]:
    """Return, for each moment, the number of the last entry before it; 0 where there is none.

    A search by halves over the journal's own numbers, all moments in one query: an entry's time never
    comes before that of the entry before it. Whatever is written later does not change an answer.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH RECURSIVE search (place, moment, step, seq) AS (
                SELECT place, moment, %s::bigint, 0::bigint
                FROM unnest(%s::timestamptz[]) WITH ORDINALITY AS asked (moment, place)
                UNION ALL
                SELECT place, moment, step / 2, seq + CASE WHEN EXISTS (
                    SELECT FROM credits_entry e
                    WHERE e.wallet_id = %s AND e.seq = search.seq + step AND e.created_at < moment
                ) THEN step ELSE 0 END
                FROM search WHERE step > 0
            )
            SELECT seq FROM search WHERE step = 0 ORDER BY place
            """,
            [_LONGEST, list(moments), wallet_id],
        )
        return [seq for (seq,) in cursor.fetchall()]


def in_batches(entries: "QuerySet[Entry]", *, newest_first: bool) -> Iterator[list[Entry]]:
    """Yield the entries of one wallet, a batch and a query at a time; never more than a batch in memory.

    The journal only grows at its end, so that batches read one after the other are of one piece.
    """
    ordered, bound = (
        (entries.order_by("-seq"), "seq__lt") if newest_first else (entries.order_by("seq"), "seq__gt")
    )
    batch = list(ordered[:BATCH])
    while batch:
        yield batch
        batch = list(ordered.filter(**{bound: batch[-1].seq})[:BATCH]) if len(batch) == BATCH else []
