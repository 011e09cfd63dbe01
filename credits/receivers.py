"""What the ledger does when an account opens."""

from typing import Any

from accounts.models import User
from credits import ledger


def open_wallet(sender: type[User], user: User, **kwargs: Any) -> None:
    """Open the wallet in the transaction that creates the account."""
    ledger.open_wallet(owner_id=user.pk)
