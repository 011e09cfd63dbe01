"""The Celery application and its clock."""

import os

from celery import Celery
from celery.signals import worker_init

from config import broker

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")

broker.use()
app = Celery("atelier")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
def load_providers(**_: object) -> None:
    """Load the vendors' SDKs once, before the pool forks: a second and more that no process then spends."""
    from orchestration.providers import registry

    registry.load_configured()
