"""May spend: wallets, the credit ledger and the metering of every act."""

from django.apps import AppConfig


class CreditsConfig(AppConfig):
    """May spend: wallets, the credit ledger and the metering of every act."""

    name = "credits"

    def ready(self) -> None:
        """Listen to what accounts tell, and prove with the ledger what must hold of their notices."""
        from accounts.notifications.verification import RULE
        from accounts.signals import account_opened
        from credits import receivers
        from credits.verification import Invariant, register

        register(Invariant(*RULE))

        account_opened.connect(receivers.open_wallet, dispatch_uid="credits.open_wallet")
