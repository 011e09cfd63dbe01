"""Which Stripe `make run` uses: the key's, or the sandbox, and never one for the other."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from config.devserver import __main__ as devserver
from config.devserver import stripe

ROOT = Path(__file__).resolve().parent.parent.parent
REAL = "sk_test_" + "5" * 24
NAMES = ("STRIPE_SECRET_KEY", "STRIPE_SECRET_KEY_FILE", "STRIPE_API_KEY", "STRIPE_API_HOST")


class Supervisor:
    """Starts nothing, and remembers what it was to start."""

    def __init__(self) -> None:
        self.kept: list[str] = []

    def keep(self, program) -> None:
        self.kept.append(program.name)


@pytest.fixture(autouse=True)
def _bare(monkeypatch) -> None:
    """An environment without keys; what is set in it meanwhile is gone afterwards."""
    for name in NAMES:
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)


def started(folder: Path) -> list[str]:
    supervisor = Supervisor()
    place = devserver._stand_in_for_stripe(supervisor, folder)
    for listener in place.sockets if place else ():
        listener.close()
    return supervisor.kept


def test_without_a_key_the_sandbox_stands_in(tmp_path) -> None:
    assert started(tmp_path) == ["stripe"]
    assert os.environ["STRIPE_SECRET_KEY"] == stripe.KEY
    assert os.environ["STRIPE_API_HOST"].startswith("http://127.0.0.1:")


@pytest.mark.parametrize("key", [REAL, "sk_live_" + "5" * 24, "rk_test_" + "5" * 24])
@pytest.mark.parametrize("stray", ["", REAL])
def test_with_a_key_stripe_itself_is_used(monkeypatch, tmp_path, key, stray) -> None:
    monkeypatch.setenv("STRIPE_SECRET_KEY", key)
    monkeypatch.setenv("STRIPE_API_KEY", stray)
    (tmp_path / "stripe").mkdir()
    (tmp_path / "stripe" / "address").write_text("http://127.0.0.1:12111")  # of an earlier day without
    assert started(tmp_path) == []
    stripe.complete_environment(tmp_path)
    assert os.environ["STRIPE_SECRET_KEY"] == key
    assert "STRIPE_API_HOST" not in os.environ
    devserver._refuse_stray_key()


def test_with_a_key_in_a_file_stripe_itself_is_used(monkeypatch, tmp_path) -> None:
    (tmp_path / "key").write_text(REAL)
    monkeypatch.setenv("STRIPE_SECRET_KEY_FILE", str(tmp_path / "key"))
    assert started(tmp_path) == []
    assert "STRIPE_SECRET_KEY" not in os.environ


def test_a_key_of_the_sandboxs_own_is_no_stray_one(monkeypatch) -> None:
    monkeypatch.setenv("STRIPE_API_KEY", stripe.KEY)
    devserver._refuse_stray_key()


@pytest.mark.parametrize("key", [REAL, "sk_live_" + "5" * 24])
def test_beside_a_stray_key_it_says_what_to_do_and_starts_nothing(tmp_path, key) -> None:
    environ = {name: value for name, value in os.environ.items() if name not in NAMES}
    ended = subprocess.run(
        [sys.executable, "-m", "config.devserver"], cwd=ROOT, capture_output=True, text=True, timeout=60,
        check=False, env={**environ, "VAR_DIR": str(tmp_path / "var"), "PORT": "18600", "STRIPE_API_KEY": key},
    )  # fmt: skip
    assert ended.returncode == 1
    assert ended.stdout == (
        "STRIPE_API_KEY holds a key of Stripe's, and the sandbox does not start beside one. To use Stripe, name "
        "the key STRIPE_SECRET_KEY; to use the sandbox, unset STRIPE_API_KEY, in .env too.\n"
    )
    assert key not in ended.stdout + ended.stderr
    assert not (tmp_path / "var").exists()
