"""Housekeeping of documents."""

from celery import shared_task

from objects import metering
from objects.services import purge_trash
from objects.services.retention import prune_versions


@shared_task(name="objects.tasks.prune")
def prune() -> None:
    """Empty the trash of what has been there for 30 days, and forget versions the plans no longer keep."""
    purge_trash()
    prune_versions()


@shared_task
def meter_storage() -> None:
    """Meter what is stored today, where that is not done yet."""
    metering.meter_storage()
