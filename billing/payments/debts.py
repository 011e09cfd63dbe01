"""What is owed where money went back: credits are taken as they become free; the rest is a debt."""

from collections.abc import Iterable
from itertools import groupby

from django.db import transaction
from django.db.models import F, Q

from accounts.models import User
from billing.models import Payment, Reversal, Subscription
from billing.payments import reversal_notices
from billing.payments.brought import Brought, brought_by
from config.common.clock import now
from credits import ledger, parking
from credits.models import Correction, Entry, Lot, Source, Wallet
from credits.payments import grants_of

_FIGURES = (
    "credits_due",
    "credits_taken",
    "credits_restored",
    "credits_gone",
    "credits_forgiven",
    "takings",
    "seen_seq",
)


def lock(user: User) -> Wallet:
    """Hold the wallet of `user` until the end of the transaction: whoever writes reversals does so first."""
    return Wallet.objects.select_for_update(no_key=True).get(owner=user)


@transaction.atomic
def settle(*, user: User) -> int:
    """Take what is due of the credits whose money went back, and return how many are owed in the end.

    First what is free of the credits that came with the payment, and what came back to them since; what ended
    unused is nobody's debt. What is owed then is taken from paid credits that came since, the oldest debt
    first, and from what operators gave for it. While anything is owed the wallet takes no new hold. May be
    called at any time, as often as one likes: by whatever may have changed any of it, and by the clock.
    """
    if not Reversal.objects.filter(payment__user=user).exists():
        return 0
    wallet = lock(user)
    standing = list(
        Reversal.objects.standing()
        .filter(payment__user=user)
        .select_related("payment__user__wallet")
        .in_order()
    )
    for payment, reversals in _by_payment(standing):
        brought = brought_by(payment, wallet_id=wallet.pk)
        if _share_out(payment, reversals, brought.credits):
            brought = brought_by(payment, wallet_id=wallet.pk)  # what has ended came back as another lot
        _take_own(reversals, brought, wallet)
    for reversal in standing:
        _take_from_later(reversal, wallet)
    _forgive(standing, wallet)
    seq = Wallet.objects.values_list("seq", flat=True).get(pk=wallet.pk)
    for reversal in standing:
        reversal.seen_seq = seq
        reversal.save(update_fields=_FIGURES)
    owed = sum(_owed(reversal) for reversal in standing)
    parking.owe(wallet_id=wallet.pk, credits=owed, reason="Credits were spent whose money went back")
    if wallet.owed and not owed:
        reversal_notices.debt_settled(user, seq=seq)
    return owed


def give_back(reversal: Reversal, *, description: str) -> None:
    """Give back all that was taken for a reversal, once; nothing is due of it then. Not saved.

    The caller holds the wallet's lock.
    """
    keys = [ledger.key_id(reversal.key(taking)) for taking in range(1, reversal.takings + 1)]
    wallet = reversal.payment.user.wallet if reversal.payment.user else None
    for entry_id in Entry.objects.filter(wallet=wallet, key__in=keys).values_list("pk", flat=True):
        ledger.restore(entry_id=entry_id, description=description)
    reversal.credits_restored = reversal.credits_taken
    reversal.credits_due, reversal.credits_gone = 0, 0


def settle_due() -> int:
    """Settle for everybody in whose wallet something has moved since, where that may matter; return how many.

    Where something is owed, and where a period goes on of which a part was given back: its months to come are
    due in part, too.
    """
    waiting = Reversal.objects.standing().filter(
        Q(debt__gt=0) | Q(payment__period_end__gt=now()), payment__user__wallet__seq__gt=F("seen_seq")
    )
    users = User.objects.filter(pk__in=waiting.values("payment__user"))
    return sum(1 for user in users.order_by("pk").iterator() if settle(user=user) >= 0)


def _by_payment(reversals: list[Reversal]) -> Iterable[tuple[Payment, list[Reversal]]]:
    """Return the reversals of each payment, the payments and the reversals of each in their order."""
    ordered = sorted(reversals, key=lambda reversal: (reversal.payment.paid_at, reversal.payment.pk))
    for payment, found in groupby(ordered, key=lambda reversal: reversal.payment):
        yield payment, list(found)


def _take_own(reversals: list[Reversal], brought: Brought, wallet: Wallet) -> None:
    """Take what is free of what is due of a payment's reversals, and count what ended unused."""
    parts = {lot.pk: credits for lot, credits in brought.parts}
    rolled = {lot.pk: credits for lot, credits in brought.rolled}
    for reversal in reversals:
        what = f"{_word(reversal)}: credits of a payment that went back"
        _take(reversal, wallet, brought.lot_ids, what)
        for lot_id, credits in parts.items():
            parts[lot_id] -= _take(reversal, wallet, [lot_id], what, most=credits)
        what = "Taken over from a month whose payment went back"
        for lot_id, credits in rolled.items():
            rolled[lot_id] -= _take(reversal, wallet, [lot_id], what, most=credits)
    gone = brought.gone()
    for reversal in reversals:
        reversal.credits_gone = min(gone, reversal.open_credits)
        gone -= reversal.credits_gone


def _share_out(payment: Payment, reversals: list[Reversal], credits: int) -> bool:
    """Make due, over all reversals of a payment, the share of its credits that went back, rounded up.

    Where one of them was undone, what each of the others had been rounded up by may be a credit too many:
    then all that was taken for them is given back first, to be taken anew. Return whether it was.
    """
    amount = payment.amount_cents
    together = min(amount, sum(reversal.amount_cents for reversal in reversals))
    share = -(-credits * together // amount)
    is_too_much = share < sum(reversal.credits_due for reversal in reversals)
    if is_too_much:
        for reversal in reversals:
            give_back(reversal, description="To be shared out anew")
    lacking = share - sum(reversal.credits_due for reversal in reversals)
    for reversal in reversals:
        alone = -(-credits * min(amount, reversal.amount_cents) // amount)
        more = max(0, min(lacking, alone - reversal.credits_due))
        reversal.credits_due += more
        lacking -= more
    return is_too_much


def _take_from_later(reversal: Reversal, wallet: Wallet) -> None:
    """Let credits that were paid for and came since settle what is owed."""
    if not _owed(reversal):
        return
    lots = {lot.pk: lot for lot in Lot.objects.filter(wallet=wallet).live(at=now())}
    paid = set(
        Subscription.objects.filter(
            user=reversal.payment.user_id, source=Subscription.Source.PAID
        ).values_list("pk", flat=True)
    )
    later = [
        lot_id
        for lot_id, entry in grants_of(lots.values()).items()
        if entry.seq > reversal.since_seq
        and (
            entry.reference_kind == "payment"
            or (lots[lot_id].source == Source.ALLOWANCE and entry.reference_id in paid)
        )
    ]
    _take(reversal, wallet, later, f"Settles what was owed for a {_word(reversal).lower()}")


def _forgive(reversals: list[Reversal], wallet: Wallet) -> None:
    """Let the credits that operators gave to forgive a debt do so; what is left of them nobody may keep."""
    given = Correction.objects.filter(wallet=wallet, kind=Correction.Kind.WAIVE, entry__isnull=False)
    for correction_id, key in given.order_by("decided_at").values_list("pk", "entry__key"):
        lot = Lot.objects.get(source_key=key)
        for reversal in reversals:
            reversal.credits_forgiven += _claw(
                wallet,
                [lot.pk],
                _owed(reversal),
                key=f"forgiven:{correction_id}:{reversal.pk}",
                reference=ledger.Reference("reversal", reversal.reference),
                description=f"Settles what was owed for a {_word(reversal).lower()}",
            )
        _claw(
            wallet,
            [lot.pk],
            lot.granted,
            key=f"forgiven:{correction_id}",
            reference=ledger.Reference("correction", correction_id),
            description="Nothing is owed any more that could be forgiven",
        )


def _take(
    reversal: Reversal, wallet: Wallet, lot_ids: list[int], description: str, *, most: int | None = None
) -> int:
    """Take what is open of a reversal, `most` at most, as far as these lots have it free; return how many."""
    taken = _claw(
        wallet,
        lot_ids,
        _owed(reversal) if most is None else min(_owed(reversal), most),
        key=reversal.key(reversal.takings + 1),
        reference=ledger.Reference("reversal", reversal.reference),
        description=description,
    )
    reversal.credits_taken += taken
    reversal.takings += taken > 0
    return taken


def _claw(
    wallet: Wallet,
    lot_ids: list[int],
    amount: int,
    *,
    key: str,
    reference: ledger.Reference,
    description: str,
) -> int:
    """Take back up to `amount` credits, and return how many; none of a key that took some before."""
    if amount <= 0 or not lot_ids:
        return 0
    moved = ledger.clawback(
        wallet_id=wallet.pk,
        lot_ids=lot_ids,
        amount=amount,
        key=key,
        reference=reference,
        description=description,
    )
    return 0 if moved is None or moved.replayed else -moved.amount


def _owed(reversal: Reversal) -> int:
    """What is open and has not ended unused: the row's debt, as it will be saved."""
    return max(0, reversal.open_credits - reversal.credits_gone)


def _word(reversal: Reversal) -> str:
    return "Refund" if reversal.kind == Reversal.Kind.REFUND else "Dispute"
