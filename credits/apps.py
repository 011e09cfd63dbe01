"""May spend: wallets, the credit ledger and the metering of every act."""

from django.apps import AppConfig


class CreditsConfig(AppConfig):
    """May spend: wallets, the credit ledger and the metering of every act."""

    name = "credits"

    def ready(self) -> None:
        """Listen to what accounts tell, and prove with the ledger what must hold of their notices."""
        from django.db.models.signals import pre_delete

        from accounts.models import User
        from accounts.notifications.verification import RULE
        from accounts.signals import account_opened
        from credits import receivers
        from credits.verification import Invariant, register

        register(Invariant(*RULE))

        account_opened.connect(receivers.open_wallet, dispatch_uid="credits.open_wallet")
        pre_delete.connect(receivers.end_months, sender=User, dispatch_uid="credits.end_months")
