"""The composition root as a Django app, for its checks and commands."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """Registers the deployment checks and makes our Celery application the one that tasks belong to."""

    name = "config"

    def ready(self) -> None:
        """Register the system checks and the Celery application."""
        from config import celery, checks  # noqa: F401  both register on import
