"""Puts the operators' site in the place of Django's admin site."""

from importlib import import_module

from django.apps import apps
from django.contrib.admin.apps import SimpleAdminConfig
from django.utils.module_loading import module_has_submodule

_WITHOUT_PAGES = {"djstripe"}
"""Apps whose own pages stay out: they are not in our looks, and ask Stripe from within a page."""


class OperatorsConfig(SimpleAdminConfig):
    """Django's admin, with our site as the one that every model registers with."""

    default_site = "adminpanel.site.OperatorsSite"

    def ready(self) -> None:
        """Read every app's `admin` module, as Django's own does, but for those left out."""
        super().ready()
        for config in apps.get_app_configs():
            if config.name not in _WITHOUT_PAGES and module_has_submodule(config.module, "admin"):
                import_module(f"{config.name}.admin")
