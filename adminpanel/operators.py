"""Puts the operators' site in the place of Django's admin site."""

from django.contrib.admin.apps import AdminConfig


class OperatorsConfig(AdminConfig):
    """Django's admin, with our site as the one that every model registers with."""

    default_site = "adminpanel.site.OperatorsSite"
