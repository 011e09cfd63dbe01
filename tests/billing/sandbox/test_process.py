"""The process: it starts beside no real key, and keeps its state wherever it is started again."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from billing.sandbox.__main__ import DEFAULT_KEY
from config.devserver import stripe as devserver
from tests.billing.sandbox import shop
from tests.support.stripe import StripeSandbox

ROOT = Path(__file__).resolve().parents[3]


def start(tmp_path: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("STRIPE")}
    return subprocess.run(
        [sys.executable, "-m", "billing.sandbox", "--port=0", f"--store={tmp_path / 's'}", *arguments],
        cwd=ROOT, env={**kept, **environ}, capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip


REAL = ["sk_live_51abcdefghijklmnopqrst", "rk_live_abc", "sk_test_51abcdefghijklmnopqrst", "nonsense"]


@pytest.mark.parametrize("key", REAL)
def test_sandbox_refuses_a_key_that_is_not_its_own(tmp_path: Path, key: str) -> None:
    done = start(tmp_path, f"--key={key}")

    assert done.returncode == 2
    assert "The Stripe sandbox does not start: --key holds a key" in done.stderr
    assert key not in done.stderr
    assert not (tmp_path / "s").exists()


@pytest.mark.parametrize("name", ["STRIPE_SECRET_KEY", "STRIPE_API_KEY"])
def test_sandbox_refuses_a_real_key_in_its_environment(tmp_path: Path, name: str) -> None:
    done = start(tmp_path, **{name: "sk_live_51abcdefghijklmnopqrst"})

    assert done.returncode == 2
    assert f"{name} holds a key that is not the sandbox's own" in done.stderr


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
