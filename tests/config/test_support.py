"""The test harness keeps its promises: clean database, clean broker, no way out."""

import socket

import pytest
from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.db import connection

from accounts.models import User
from tests.support.database import restore
from tests.support.network import OutsideAddressError


def test_network_outside_address_is_refused() -> None:
    with pytest.raises(OutsideAddressError), socket.socket() as client:
        client.connect(("192.0.2.1", 80))
    with pytest.raises(OutsideAddressError):
        socket.getaddrinfo("example.com", 80)


@pytest.mark.django_db(transaction=True)
def test_restore_removes_rows_that_refuse_deletion_and_keeps_those_of_migrations() -> None:
    permissions = set(Permission.objects.values_list("pk", "codename"))
    assert permissions
    with connection.cursor() as cursor:
        cursor.execute(
            """create table zz_journal (id bigint generated always as identity);
            create function zz_refuse() returns trigger language plpgsql as
              $$ begin raise exception 'append only'; end $$;
            create trigger zz_rows before update or delete on zz_journal
              for each row execute function zz_refuse();
            create trigger zz_all before truncate on zz_journal
              for each statement execute function zz_refuse();
            insert into zz_journal default values"""
        )
        Permission.objects.all().delete()
        User.objects.create_user("alice@example.com")
        restore()
        cursor.execute("select count(*) from zz_journal")
        assert cursor.fetchone() == (0,)
        cursor.execute("drop table zz_journal; drop function zz_refuse")
    assert set(Permission.objects.values_list("pk", "codename")) == permissions
    assert not User.objects.exists()


def _session() -> tuple[int, str, str, str, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            """select pg_backend_pid(), current_user, current_setting('session_replication_role'),
                      current_setting('TimeZone'), (select count(*) from pg_locks where locktype = 'advisory'
                                                    and pid = pg_backend_pid())"""
        )
        found: tuple[int, str, str, str, int] = cursor.fetchone()
        return found


@pytest.mark.django_db(transaction=True)
def test_the_connection_is_kept_and_what_a_test_set_in_it_is_undone() -> None:
    before = _session()
    with connection.cursor() as cursor:
        cursor.execute(
            """set timezone = 'Asia/Tokyo'; set session_replication_role = replica;
            select pg_advisory_lock(7); set role pg_monitor"""
        )
    assert _session()[1:] == ("pg_monitor", "replica", "Asia/Tokyo", 1)
    restore()
    assert _session() == before


@pytest.mark.django_db(transaction=True)
def test_a_connection_on_which_something_is_begun_is_not_kept() -> None:
    before = _session()
    with connection.cursor() as cursor:
        cursor.execute("begin; set role pg_monitor")
    restore()
    after = _session()
    assert after[0] != before[0]
    assert after[1:] == before[1:]


@pytest.mark.parametrize("turn", [1, 2])
def test_cache_starts_empty_in_every_test(turn: int) -> None:
    assert cache.add("left-over", turn)


@pytest.mark.parametrize("turn", [1, 2])
@pytest.mark.django_db(transaction=True)
def test_committed_rows_do_not_reach_the_next_test(turn: int) -> None:
    assert not User.objects.exists()
    User.objects.create_user("alice@example.com")
