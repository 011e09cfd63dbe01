"""What payments refuse to start with, and what they warn of."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command

from billing import checks

ROOT = Path(__file__).resolve().parent.parent.parent
LIVE = "sk_live_" + "0" * 30


def _ids(found):
    return [message.id for message in found]


def _live(settings):
    settings.STRIPE_SECRET_KEY, settings.STRIPE_LIVE_MODE = LIVE, True


@pytest.mark.parametrize("tolerance", [0, -1, 601, 300_000, None, True, 300.0, "300"])
def test_b11_tolerance_that_is_no_number_of_seconds_is_refused(settings, tolerance):
    settings.STRIPE_WEBHOOK_TOLERANCE = tolerance
    assert _ids(checks.check_tolerance(None)) == ["atelier.E004"]


@pytest.mark.parametrize("tolerance", [1, 300, 600])
def test_b11_tolerance_within_ten_minutes_is_taken(settings, tolerance):
    settings.STRIPE_WEBHOOK_TOLERANCE = tolerance
    assert checks.check_tolerance(None) == []


def test_b12_debug_beside_a_live_key(settings):
    _live(settings)
    assert checks.check_debug(None) == []
    settings.DEBUG = True
    assert _ids(checks.check_debug(None)) == ["atelier.E002"]
    with pytest.raises(ImproperlyConfigured, match="DEBUG is on"):
        checks.refuse_unsafe_settings()
    settings.STRIPE_LIVE_MODE = False
    assert checks.check_debug(None) == []


def test_live_key_goes_to_stripe_and_nowhere_else(settings):
    settings.STRIPE_API_HOST = "http://127.0.0.1:12111"
    assert checks.check_host(None) == []
    _live(settings)
    assert _ids(checks.check_host(None)) == ["atelier.E003"]
    with pytest.raises(ImproperlyConfigured, match="STRIPE_API_HOST"):
        checks.refuse_unsafe_settings()


@pytest.mark.parametrize("key", ["sk_test_123", "pk_test_" + "0" * 30, LIVE[:-10], f"{LIVE} ", "secret"])
def test_key_of_another_shape_is_refused(settings, key):
    settings.STRIPE_SECRET_KEY = key
    assert _ids(checks.check_key(None)) == ["atelier.E005"]


@pytest.mark.parametrize("key", ["", LIVE, "rk_test_" + "0" * 99, "sk_test_sandbox" + "0" * 20])
def test_key_of_the_right_shape_is_taken(settings, key):
    settings.STRIPE_SECRET_KEY = key
    assert checks.check_key(None) == []


@pytest.mark.django_db
def test_what_stripe_setup_would_put_right_is_warned_of(at_stripe, settings):
    assert _ids([*checks.check_endpoint(None), *checks.check_prices(None)]) == [
        "atelier.W006",
        "atelier.W007",
    ]
    assert "Starter, Pro, Enterprise" in checks.check_prices(None)[0].msg
    call_command("stripe_setup", verbosity=0)
    assert [*checks.check_endpoint(None), *checks.check_prices(None)] == []
    settings.STRIPE_LIVE_MODE = True
    assert _ids(checks.check_endpoint(None)) == ["atelier.W006"]


@pytest.mark.django_db
def test_studio_without_a_key_is_not_nagged(settings):
    settings.STRIPE_SECRET_KEY = ""
    assert [*checks.check_endpoint(None), *checks.check_prices(None)] == []


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"DEBUG": "true"}, "DEBUG is on while a live payment key is set."),
        ({"STRIPE_API_HOST": "http://127.0.0.1:1"}, "STRIPE_API_HOST is set beside a live payment key."),
    ],
)
@pytest.mark.parametrize("start", ["check", "web", "worker"])
def test_b12_no_process_starts_with_a_live_key_and_what_is_not_safe_beside_it(environment, said, start):
    starts = {
        "check": ["manage.py", "check"],
        "web": ["-c", "import config.asgi"],
        "worker": ["-c", "from config.celery import app; app.loader.import_default_modules()"],
    }
    process = subprocess.run(
        [sys.executable, *starts[start]],
        cwd=ROOT, capture_output=True, text=True, timeout=90, check=False,
        env={
            **os.environ, "DJANGO_SETTINGS_MODULE": "config.settings.local", "STRIPE_SECRET_KEY": LIVE,
            "SECRET_KEY": "x" * 60, **environment,
        },
    )  # fmt: skip
    assert process.returncode != 0
    assert said in process.stderr
