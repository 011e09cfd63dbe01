"""Parking: a wallet whose figures are in doubt, or that owes credits, takes no new hold meanwhile."""

from functools import partial

from django.db import transaction

from accounts import audit
from accounts.models import User
from config.common.errors import Conflict, Invalid
from credits import verification
from credits.models import Wallet
from credits.signals import credits_arrived


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


@transaction.atomic
def owe(*, wallet_id: int, credits: int, reason: str) -> None:
    """Let the wallet owe `credits`, no more and no less: above 0 it takes no new hold, at 0 it works again.

    What runs may settle. Those who wait for credits are told when it works again. Audited where it changes.
    """
    wallet = Wallet.objects.select_for_update(no_key=True).get(pk=wallet_id)
    if wallet.owed == credits:
        return
    before, wallet.owed = wallet.owed, credits
    wallet.save(update_fields=["owed"])
    audit.write(
        act="wallet.owes",
        subject=wallet,
        user_id=wallet.owner_id,
        actor=None,
        reason=reason,
        before={"owed": before},
        after={"owed": credits, "available": wallet.available, "held": wallet.held},
    )
    if not credits:
        tell = partial(credits_arrived.send_robust, sender=None, wallet_id=wallet_id)
        transaction.on_commit(tell, robust=True)


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
