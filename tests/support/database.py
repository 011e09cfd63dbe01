"""Puts the test database back to what the migrations left, after tests that really commit.

Django's own way, TRUNCATE of every table, fails here twice: the ledger's journal refuses TRUNCATE and DELETE
by trigger, even for the owner, and rows written by migrations would be gone. Cloning the database anew would
cut the connections of the live web and worker. So a function in the test database deletes rows with triggers
and foreign keys asleep (`session_replication_role = replica`, for that one call) and copies the migrations'
rows back: a few milliseconds, and no table lock that a reader or a running worker would wait for. Most tables
were never written to: they have no page, and nothing to delete.

The connection is kept for the next test, where Django would open a new one: it has read the catalogue, and
planned the ledger's functions. Whatever a test set in it is undone; one that is not at rest is closed.
"""

import time
from typing import Any

from django.db import OperationalError, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import TransactionTestCase
from psycopg.pq import TransactionStatus

_INSTALL = """
create schema test_baseline;

do $$
declare
  source record;
  filled boolean;
begin
  for source in
    select relname from pg_class
    where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition
      and relname <> 'django_migrations'
  loop
    execute format('select exists (select from public.%I)', source.relname) into filled;
    if filled then
      execute format('create table test_baseline.%I as table public.%I', source.relname, source.relname);
    end if;
  end loop;
end $$;

create function test_baseline.restore() returns void language plpgsql
set session_replication_role = replica as $$
declare
  target record;
begin
  for target in
    select t.relname as name, b.oid is not null as filled,
           (select string_agg(quote_ident(attname), ', ' order by attnum) from pg_attribute
            where attrelid = t.oid and attnum > 0 and not attisdropped and attgenerated = '') as columns
    from pg_class t
    left join pg_class b
      on b.relnamespace = 'test_baseline'::regnamespace and b.relname = t.relname and b.relkind = 'r'
    where t.relnamespace = 'public'::regnamespace and t.relkind in ('r', 'p') and not t.relispartition
      and t.relname <> 'django_migrations' and (t.relkind = 'p' or pg_relation_size(t.oid) > 0)
  loop
    execute format('delete from public.%I', target.name);
    if target.filled then
      execute format('insert into public.%I (%s) overriding system value select %s from test_baseline.%I',
                     target.name, target.columns, target.columns, target.name);
    end if;
  end loop;
end $$;
"""


_REFRESH = """
set session authorization default;
reset all;
close all;
unlisten *;
select pg_advisory_unlock_all();
discard temp;
"""
"""What ends whatever a test began in its session: DISCARD ALL, but for the plans."""

_kept: list[BaseDatabaseWrapper] = []
"""The connection that was kept. A thread may have two: while Playwright's loop runs, Django gives another."""


def install_restore() -> None:
    """Remember what the migrations left, and make every committing test end by restoring it."""
    with connection.cursor() as cursor:
        cursor.execute(_INSTALL)
    TransactionTestCase._fixture_teardown = _fixture_teardown  # type: ignore[method-assign]
    TransactionTestCase._should_reload_connections = _is_unfit  # type: ignore[attr-defined]


def restore() -> None:
    """Put every table back; tried again when a live worker's transaction is in the way."""
    if not _is_at_rest(connection):
        connection.close()
    for attempt in range(5):
        try:
            with connection.cursor() as cursor:
                cursor.execute(
                    f"{_REFRESH} set lock_timeout = '2s'; select test_baseline.restore(); reset all"
                )
            connection.init_connection_state()
        except OperationalError:
            connection.close()
            if attempt == 4:
                raise
            time.sleep(0.2)
        else:
            _keep(connections[connection.alias])
            return


def close_kept() -> None:
    """Close the connection that was kept: a database that somebody is connected to cannot be dropped."""
    while _kept:
        _kept.pop().close()


def _keep(wrapper: BaseDatabaseWrapper) -> None:
    """Keep it, and no other: one that lies idle would be found broken once the server was restarted."""
    if wrapper not in _kept:
        close_kept()
        _kept.append(wrapper)


def _is_at_rest(wrapper: Any) -> bool:
    """Tell whether nothing is begun on the connection, so that the next test can have it."""
    return wrapper.connection is None or (
        not wrapper.in_atomic_block
        and not wrapper.needs_rollback
        and wrapper.get_autocommit()
        and wrapper.connection.info.transaction_status == TransactionStatus.IDLE
    )


def _fixture_teardown(case: Any) -> None:
    restore()


def _is_unfit(case: Any) -> bool:
    return not all(_is_at_rest(each) for each in connections.all(initialized_only=True))
