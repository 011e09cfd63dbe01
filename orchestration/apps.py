"""How AI works: editorial sessions, turns, providers and the live stream."""

from django.apps import AppConfig


class OrchestrationConfig(AppConfig):
    """How AI works: editorial sessions, turns, providers and the live stream."""

    name = "orchestration"
