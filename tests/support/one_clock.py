"""One clock for Python and the database, which only moves when it is told to: for stories of months and years."""

from datetime import datetime, timedelta

import time_machine
from django.db import connection

_TELLS = """
CREATE SCHEMA one_clock;
CREATE FUNCTION one_clock.clock_timestamp() RETURNS timestamptz LANGUAGE sql STABLE
AS $$ SELECT current_setting('one_clock.now')::timestamptz $$;
CREATE FUNCTION one_clock.statement_timestamp() RETURNS timestamptz LANGUAGE sql STABLE
AS $$ SELECT current_setting('one_clock.now')::timestamptz $$;
SET LOCAL search_path = one_clock, public, pg_catalog;
"""


class OneClock:
    """Stands still at a moment until it is moved. Lives in a transaction, and ends with it."""

    def __init__(self, start: datetime) -> None:
        self.now = start
        self._travel = time_machine.travel(start, tick=False)
        self._traveller = self._travel.start()
        self._tell()
        with connection.cursor() as cursor:
            cursor.execute(_TELLS)

    def move(self, by: timedelta) -> None:
        """Let time pass, for both."""
        self.now += by
        self._traveller.move_to(self.now, tick=False)
        self._tell()

    def stop(self) -> None:
        """Let Python have its own time again; the database has it when the transaction is rolled back."""
        self._travel.stop()

    def _tell(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('one_clock.now', %s, true)", [self.now.isoformat()])
