"""What the ledger does when an account opens or is erased."""

from typing import Any

from accounts.models import User
from credits import ledger
from credits.models import MonthlyAllowance


def open_wallet(sender: type[User], user: User, **kwargs: Any) -> None:
    """Open the wallet in the transaction that creates the account."""
    ledger.open_wallet(owner_id=user.pk)


def end_months(sender: type[User], instance: User, **kwargs: Any) -> None:
    """Let the wallet of an account that is being erased get nothing more; the wallet itself stays."""
    MonthlyAllowance.objects.filter(wallet__owner=instance).delete()
