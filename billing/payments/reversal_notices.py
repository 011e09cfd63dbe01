"""What a user is told when a payment goes back, or comes back: in plain words, with what to do."""

from django.urls import reverse

from accounts.models import User
from accounts.notifications import Kind
from accounts.services.notifications import notify
from billing.amounts import count, dollars
from billing.models import Reversal


def reversal_turned(row: Reversal) -> None:
    """Tell the payer that money went back, or that it did not after all; once for each turn."""
    user = row.payment.user
    if user is None:
        return
    title, body = _gone(row) if row.is_standing else _back(row)
    notify(
        user=user,
        kind=Kind.CREDITS_ADJUSTED,
        cause=f"reversal:{row.pk}:{row.takings}:{'gone' if row.is_standing else 'back'}",
        title=title,
        body=body,
        url=reverse("billing:overview"),
        data={"reversal": row.pk, "amount_cents": row.amount_cents, "owed": row.debt},
    )


def debt_settled(user: User, *, seq: int) -> None:
    """Tell `user` that what they owed is settled; `seq` is the wallet's newest entry, which settled it."""
    notify(
        user=user,
        kind=Kind.CREDITS_ADJUSTED,
        cause=f"debt:settled:{seq}",
        title="Your account owes nothing any more",
        body="The credits that you owed are settled. New work can start at once.",
        url=reverse("credits:overview"),
    )


def _gone(row: Reversal) -> tuple[str, str]:
    money, name = dollars(row.amount_cents), _name(row)
    if row.kind == Reversal.Kind.REFUND:
        title = f"{money} for {name} goes back to you"
    else:
        title = f"Your bank took back {money} for {name}"
    said = []
    if row.credits_due:
        said.append(f"With it go {_credits(row.credits_due)} that came with this payment.")
    if row.credits_taken:
        said.append(f"{_credits(row.credits_taken)} of them were not spent and are taken back.")
    if row.debt:
        said.append(
            f"{_credits(row.debt)} of them were spent or are at work, so your account owes them. Until that "
            "is settled nothing new starts; what you have written stays. Buy credits to settle it: the next "
            "ones, or your next paid month, settle it first."
        )
    if row.kind == Reversal.Kind.DISPUTE:
        said.append("If you did not mean to dispute it, tell your bank: the credits come back then.")
    return title, " ".join(said) or "No credits had come with it."


def _back(row: Reversal) -> tuple[str, str]:
    money, name = dollars(row.amount_cents), _name(row)
    if row.kind == Reversal.Kind.REFUND:
        title = f"The refund of {money} for {name} did not go through"
        said = "Your bank or card did not take it. Write to the studio if you still wait for the money."
    else:
        title, said = f"The dispute over {money} for {name} is over", "The payment stands."
    if row.credits_restored:
        said += f" {_credits(row.credits_restored)} are back in your balance."
    return title, said


def _name(row: Reversal) -> str:
    payment = row.payment
    if payment.product is not None:
        return payment.product.name
    return payment.terms.name if payment.terms else "a payment"


def _credits(credits: int) -> str:
    return "1 credit" if credits == 1 else f"{count(credits)} credits"
