"""Tells a user how the month's credits go: four fifths used, all used, and little left of the others."""

from django.urls import reverse

from accounts.notifications import Kind
from accounts.services.notifications import notify
from credits.models import Wallet
from credits.periods import Period


def tell_of_credits(*, wallet: Wallet, period: Period) -> None:
    """Tell the owner what the settlements up to now have crossed; each thing once a period.

    `wallet` as it stands after the settlement, whose lock the caller's transaction holds. An account without
    an allowance of the period has nothing to cross.
    """
    if wallet.owner is None or wallet.period_start != period.start or not wallet.allowance:
        return
    used, allowance, left = wallet.used, wallet.allowance, wallet.balance
    if used >= allowance:
        told = _tell(wallet, period, Kind.QUOTA_100, f"This month’s {allowance} credits are used")
        if not told and 0 < left * 5 <= allowance:
            few = "1 credit is left" if left == 1 else f"{left} credits are left"
            _tell(wallet, period, Kind.CREDITS_LOW, few)
    elif used * 5 >= allowance * 4:
        _tell(wallet, period, Kind.QUOTA_80, f"{used} of this month’s {allowance} credits are used")


def _tell(wallet: Wallet, period: Period, kind: Kind, title: str) -> bool:
    """Tell the owner, and say whether it was news."""
    assert wallet.owner is not None  # noqa: S101 - asked for before
    notification = notify(
        user=wallet.owner,
        kind=kind,
        cause=f"credits:{period.start.isoformat()}",
        title=title,
        body=_body(wallet.balance, period),
        url=reverse("credits:overview"),
        data={
            "used": wallet.used,
            "allowance": wallet.allowance,
            "left": wallet.balance,
            "resets_at": period.end.isoformat(),
        },
    )
    return notification is not None


def _body(left: int, period: Period) -> str:
    day = f"{period.end:%-d %B}"
    if not left:
        return f"Sessions that need more wait, with everything kept. The next month’s credits come on {day}."
    return f"You have {left} left to spend. The next month’s credits come on {day}."
