"""Who: users, their preferences and the personas they write as."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Who: users, their preferences and the personas they write as."""

    name = "accounts"
