"""Which vendor is loaded when: a worker's parent loads those that have a key, and no other."""

import subprocess
import sys

_LOADED = """
import os, sys
os.environ["OPENAI_API_KEY"] = "a key"
from config.celery import app
import django
django.setup()
assert "openai" not in sys.modules
from celery.signals import worker_init
worker_init.send(sender=None)
print([name for name in ("openai", "anthropic", "google.genai") if name in sys.modules])
"""


def test_a_worker_loads_the_configured_vendors_before_it_forks():
    done = subprocess.run([sys.executable, "-c", _LOADED], check=True, capture_output=True, text=True)
    assert done.stdout == "['openai']\n"
