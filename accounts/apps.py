"""Who: users, their preferences and the personas they write as."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Who: users, their preferences and the personas they write as."""

    name = "accounts"

    def ready(self) -> None:
        """Listen to what happens to accounts."""
        from accounts import receivers  # noqa: F401  connects on import
