"""How the business runs: the operators' admin."""

from django.apps import AppConfig


class AdminpanelConfig(AppConfig):
    """How the business runs: the operators' admin."""

    name = "adminpanel"
