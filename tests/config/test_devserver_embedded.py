"""The embedded services: private, durable, whoever runs them, and gone when they should be."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
import redis

from config.devserver import embedded, postgres, service, stripe, valkey
from tests.support.processes import gone, soon

ROOT = Path(__file__).resolve().parent.parent.parent


IDENTITIES = ["namespace", "nobody"] if os.geteuid() == 0 else ["same"]


@pytest.mark.parametrize("identity", IDENTITIES)
def test_services_keep_data_over_a_restart_and_a_crash(tmp_path: Path, identity: str) -> None:
    services = embedded.Services(tmp_path, identity=identity, environ={})
    services.start()
    with psycopg.connect(postgres.database_url(tmp_path)) as connection:
        connection.execute("create table kept (word text, place vector(2))")
        connection.execute("insert into kept values ('ÄTNA', '[1,2]')")
    with redis.Redis.from_url(valkey.redis_url(tmp_path)) as client:
        client.set("kept", "1")
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
    services.stop()

    services = embedded.Services(tmp_path, identity=identity, environ={})
    services.start()
    assert services.postgres
    services.postgres.kill()
    services.postgres.restart()
    with psycopg.connect(postgres.database_url(tmp_path)) as connection:
        assert connection.execute("select lower(word) from kept").fetchall() == [("ätna",)]
    with redis.Redis.from_url(valkey.redis_url(tmp_path)) as client:
        assert client.get("kept") == b"1"
    services.stop()


def test_services_another_way_of_running_takes_over_the_data(tmp_path: Path) -> None:
    for identity in IDENTITIES * 2:
        services = embedded.Services(tmp_path, identity=identity, durable=False, environ={})
        services.start()
        services.stop()


def test_services_named_in_the_environment_are_not_started(tmp_path: Path) -> None:
    services = embedded.Services(tmp_path, environ={"DATABASE_URL": "postgres://x", "REDIS_URL": "redis://x"})
    assert (services.postgres, services.valkey) == (None, None)
    services.start()
    assert not list(tmp_path.iterdir())


def test_services_die_with_a_killed_owner_and_start_again(tmp_path: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path; from config.devserver.embedded import Services\n"
        "s = Services(Path(sys.argv[1]), durable=False, environ={}); s.start()\n"
        "print(s.postgres.pid, s.valkey.pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE
    ) as owner:
        assert owner.stdout
        pids = [int(pid) for pid in owner.stdout.readline().split()]
        owner.send_signal(signal.SIGKILL)
    assert len(pids) == 2
    if sys.platform == "linux":
        assert soon(lambda: all(map(gone, pids)))
    services = embedded.Services(tmp_path, durable=False, environ={})
    services.start()
    services.stop()


def test_leftover_of_another_program_with_the_same_number_is_spared(tmp_path: Path) -> None:
    pidfile = tmp_path / "server.pid"
    pidfile.write_text(f"{os.getpid()}\n/data\n")
    service.end_leftover(pidfile, "no-such-server", signal.SIGTERM)
    assert not pidfile.exists()


def test_leftover_server_is_ended(tmp_path: Path) -> None:
    pidfile = tmp_path / "server.pid"
    command = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)", "my-server"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as leftover:
        assert leftover.stdout
        leftover.stdout.readline()
        pidfile.write_text(str(leftover.pid))
        service.end_leftover(pidfile, "my-server", signal.SIGTERM)
        assert leftover.wait(5) == -signal.SIGTERM


def test_sockets_of_a_deep_folder_stand_in_a_short_private_one(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 120)
    short = service.socket_folder(deep)
    assert len(str(short)) < 80
    assert short != service.socket_folder(tmp_path / ("e" * 120))
    service.make_private(short)
    assert short.stat().st_mode & 0o777 == 0o700
    short.rmdir()


def test_socket_folder_of_somebody_else_is_refused(tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    trap.symlink_to(tmp_path)
    with pytest.raises(service.ServiceError, match="belongs to somebody else"):
        service.make_private(trap)


def test_service_that_cannot_start_says_why(tmp_path: Path) -> None:
    services = embedded.Services(tmp_path, durable=False, environ={"DATABASE_URL": "postgres://x"})
    (tmp_path / "valkey" / "appendonlydir").mkdir(parents=True)
    (tmp_path / "valkey" / "appendonlydir" / "appendonly.aof.manifest").write_text("nonsense\n")
    with pytest.raises(service.ServiceError, match=r"Valkey ended at start.*valkey\.log"):
        services.start()


def test_secret_key_is_made_once_and_private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keys, before = [], {name: value for name, value in os.environ.items() if "SECRET_KEY" not in name}
    for _ in range(2):
        # An environment of its own: what is set in it here must not reach the processes that later tests start.
        monkeypatch.setattr(os, "environ", dict(before))
        embedded.complete_environment(tmp_path)
        path = Path(os.environ["SECRET_KEY_FILE"])
        keys.append(path.read_text())
        assert path.stat().st_mode & 0o777 == 0o600
    assert keys[0] == keys[1]
    assert len(keys[0]) >= 50


def test_sandbox_is_named_only_where_it_has_been_and_no_key_is_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("STRIPE")}
    monkeypatch.setattr(os, "environ", dict(clean))
    embedded.complete_environment(tmp_path)
    assert "STRIPE_SECRET_KEY" not in os.environ

    stripe.point_at(tmp_path, "http://127.0.0.1:12111")
    assert (os.environ["STRIPE_SECRET_KEY"], os.environ["STRIPE_API_HOST"]) == (
        stripe.KEY,
        "http://127.0.0.1:12111",
    )

    for name in ("STRIPE_SECRET_KEY", "STRIPE_SECRET_KEY_FILE"):
        monkeypatch.setattr(os, "environ", {**clean, name: "of Stripe's own"})
        assert not stripe.wanted()
        embedded.complete_environment(tmp_path)
        assert "STRIPE_API_HOST" not in os.environ
