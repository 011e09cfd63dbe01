"""Parking: a wallet whose figures are in doubt takes no new hold until somebody has looked."""

from django.db import transaction

from accounts import audit
from accounts.models import User
from config.common.errors import Conflict, Invalid
from credits import verification
from credits.models import Wallet


class StillBroken(Conflict):
    """An invariant does not hold in this wallet; `details` carries `code` and `detail`."""


@transaction.atomic
def park(*, wallet: Wallet, reason: str, actor: User | None) -> None:
    """Stop `wallet`: it takes no new hold; what runs may settle, and no other wallet is held up.

    Without an actor it was the nightly proof. Conflict where it is parked already, Invalid without a reason.
    """
    locked = _locked(wallet)
    if locked.parked_at is not None:
        raise Conflict("This account's credits are parked already.")
    locked.park(reason=_given(reason)[:200])
    _audit("wallet.parked", locked, actor, reason)


@transaction.atomic
def unpark(*, wallet: Wallet, reason: str, actor: User | None) -> None:
    """Let `wallet` work again.

    StillBroken while an invariant is broken in it, Conflict where it is not parked.
    """
    locked = _locked(wallet)
    if locked.parked_at is None:
        raise Conflict("This account's credits are not parked.")
    for invariant, found in verification.verify():
        for place in found:
            if place.wallet_id == locked.pk:
                raise StillBroken(
                    f"It stays parked: {invariant.code}, {place}",
                    details={"code": invariant.code, "detail": place.detail},
                )
    locked.unpark()
    _audit("wallet.unparked", locked, actor, _given(reason))


def park_drifted() -> list[int]:
    """Park every wallet in which an invariant is broken; return those that were not parked before."""
    reasons: dict[int, str] = {}
    for invariant, found in verification.verify():
        for place in found:
            if place.wallet_id is not None:
                reasons.setdefault(place.wallet_id, f"{invariant.code}: {place.detail}"[:200])
    parked: list[int] = []
    for wallet in Wallet.objects.filter(pk__in=reasons, parked_at__isnull=True).order_by("pk"):
        park(wallet=wallet, reason=reasons[wallet.pk], actor=None)
        parked.append(wallet.pk)
    return parked


def _locked(wallet: Wallet) -> Wallet:
    return Wallet.objects.select_for_update(no_key=True).get(pk=wallet.pk)


def _given(reason: str) -> str:
    if not reason.strip():
        raise Invalid("Say why.", details={"fields": {"reason": ["Say why."]}})
    return reason.strip()


def _audit(act: str, wallet: Wallet, actor: User | None, reason: str) -> None:
    parked = act == "wallet.parked"
    audit.write(
        act=act,
        subject=wallet,
        user_id=wallet.owner_id,
        actor=actor,
        reason=reason,
        before={"parked": not parked},
        after={"parked": parked, "available": wallet.available, "held": wallet.held},
    )
