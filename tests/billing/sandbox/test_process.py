"""The process: it starts beside no real key, and keeps its state wherever it is started again."""

import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from billing.sandbox.__main__ import DEFAULT_KEY, RefusedError, on_loopback, refuse_real_keys
from config.devserver import stripe as devserver
from tests.billing.sandbox import shop
from tests.support.stripe import StripeSandbox

ROOT = Path(__file__).resolve().parents[3]


def start(
    tmp_path: Path, *arguments: str, cwd: Path = ROOT, pass_fds: Sequence[int] = (), **environ: str
) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("STRIPE")}
    return subprocess.run(
        [sys.executable, "-m", "billing.sandbox", "--port=0", f"--store={tmp_path / 's'}", *arguments],
        cwd=cwd, env={**kept, **environ}, pass_fds=pass_fds, capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip


REAL = ["sk_live_51abcdefghijklmnopqrst", "rk_live_abc", "sk_test_51abcdefghijklmnopqrst", "nonsense"]


@pytest.mark.parametrize("key", REAL)
def test_sandbox_refuses_a_key_that_is_not_its_own(tmp_path: Path, key: str) -> None:
    done = start(tmp_path, f"--key={key}")

    assert done.returncode == 2
    assert "The Stripe sandbox does not start: --key holds a key" in done.stderr
    assert key not in done.stderr
    assert not (tmp_path / "s").exists()


@pytest.mark.parametrize(
    "name",
    [
        "STRIPE_SECRET_KEY",
        "STRIPE_API_KEY",
        "STRIPE_LIVE_SECRET_KEY",
        "STRIPE_TEST_SECRET_KEY",
        "STRIPE_RESTRICTED_KEY",
        "PAYMENTS",
    ],
)
@pytest.mark.parametrize("key", ["sk_live_51abcdefghijklmnopqrst", "rk_test_51abcdefghijklmnopqrst"])
def test_sandbox_refuses_a_real_key_in_its_environment(name: str, key: str) -> None:
    with pytest.raises(RefusedError, match=rf"^{name} holds a key that is not the sandbox's own") as refused:
        refuse_real_keys(DEFAULT_KEY, {"HOME": "/", name: key}, ())

    assert key not in str(refused.value)


def test_sandbox_refuses_a_real_key_in_a_file(tmp_path: Path) -> None:
    secret, dotenv = tmp_path / "secret", tmp_path / ".env"
    secret.write_text("sk_live_51abcdefghijklmnopqrst\n")
    dotenv.write_text("# keys\nDEBUG=1\nexport STRIPE_SECRET_KEY='sk_test_51abcdefghijklmnopqrst' # mine\n")

    with pytest.raises(RefusedError, match=r"^STRIPE_SECRET_KEY_FILE holds"):
        refuse_real_keys(DEFAULT_KEY, {"STRIPE_SECRET_KEY_FILE": str(secret)}, ())
    with pytest.raises(RefusedError, match=r"^STRIPE_SECRET_KEY in \.env holds"):
        refuse_real_keys(DEFAULT_KEY, {}, (tmp_path / "none", dotenv))
    dotenv.write_text(f"STRIPE_SECRET_KEY_FILE={secret}\n")
    with pytest.raises(RefusedError, match=r"^STRIPE_SECRET_KEY_FILE in \.env holds"):
        refuse_real_keys(DEFAULT_KEY, {}, (dotenv,))


def test_sandbox_runs_beside_its_own_key_and_other_settings(tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text(
        f"STRIPE_SECRET_KEY={DEFAULT_KEY}\nSTRIPE_TIMEOUT=8\nSTRIPE_API_HOST=http://localhost:1\n"
    )

    refuse_real_keys(DEFAULT_KEY, {"STRIPE_SECRET_KEY": DEFAULT_KEY, "STRIPE_API_KEY": ""}, (dotenv,))


def test_process_refuses_a_real_key_in_the_env_file_beside_it(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("STRIPE_SECRET_KEY=sk_live_51abcdefghijklmnopqrst\n")
    done = start(tmp_path, cwd=tmp_path, PYTHONPATH=str(ROOT))

    assert (done.returncode, done.stdout) == (2, "")
    assert "STRIPE_SECRET_KEY in .env holds a key that is not the sandbox's own" in done.stderr
    assert not (tmp_path / "s").exists()


def test_process_answers_on_loopback_only(tmp_path: Path) -> None:
    with socket.create_server(("0.0.0.0", 0)) as reachable:  # noqa: S104  what it has to refuse
        done = start(tmp_path, f"--fd={reachable.fileno()}", pass_fds=[reachable.fileno()])
    own = on_loopback(0, None)

    assert done.returncode == 2
    assert "it was given a socket on 0.0.0.0, and answers on loopback only" in done.stderr
    assert own[0].getsockname()[0] == "127.0.0.1"
    own[0].close()


def test_dev_server_uses_the_sandboxs_own_key() -> None:
    assert devserver.KEY == DEFAULT_KEY


def test_sandbox_at_another_address_has_put_its_addresses_right(tmp_path: Path) -> None:
    sandbox = StripeSandbox(tmp_path)
    sandbox.start()
    try:
        session = shop.session(sandbox, shop.price(sandbox))
        before = sandbox.url
        sandbox.stop()
        sandbox.start()

        assert sandbox.url != before
        found = sandbox.client.v1.checkout.sessions.retrieve(session["id"])
        assert found.url == f"{sandbox.url}/checkout/{session['id']}"
        assert found.success_url == session["success_url"]
    finally:
        sandbox.stop()
