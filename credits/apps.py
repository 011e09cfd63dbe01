"""May spend: wallets, the credit ledger and the metering of every act."""

from django.apps import AppConfig


class CreditsConfig(AppConfig):
    """May spend: wallets, the credit ledger and the metering of every act."""

    name = "credits"
