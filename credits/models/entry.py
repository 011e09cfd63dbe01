"""The journal: what happened to a wallet, line by line, for ever."""

from typing import Self

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q

from accounts.models import User
from credits.models.hold import Hold
from credits.models.lot import Lot
from credits.models.rules import Rules
from credits.models.wallet import Wallet


class EntryKind(models.TextChoices):
    """What an entry records."""

    GRANT = "grant", "Granted"
    HOLD = "hold", "Held"
    SETTLE = "settle", "Spent"
    RELEASE = "release", "Released"
    REFUND = "refund", "Refunded"
    EXPIRE = "expire", "Expired"
    ADJUST = "adjust", "Adjusted"
    CLAWBACK = "clawback", "Taken back"
    RESTORE = "restore", "Restored"


class EntryQuerySet(models.QuerySet["Entry"]):
    """The journal, by whose it is."""

    def of(self, user: User) -> Self:
        """The entries of `user`'s wallet; nobody else's."""
        return self.filter(wallet__owner=user)


class Entry(models.Model):
    """One line of a wallet's statement.

    `amount` changes the balance (free and held credits together): a hold or a release moves credits
    between the two and so has amount 0; `held_change` says how many. The database refuses to change or
    delete an entry.
    """

    id = models.BigAutoField(primary_key=True)
    wallet = models.ForeignKey(
        Wallet, on_delete=models.PROTECT, related_name="entries", db_index=False, db_constraint=False
    )
    seq = models.BigIntegerField()
    amount = models.BigIntegerField()
    held_change = models.BigIntegerField()
    balance_after = models.BigIntegerField()
    held_after = models.BigIntegerField()
    created_at = models.DateTimeField()
    hold = models.ForeignKey(
        Hold,
        on_delete=models.PROTECT,
        null=True,
        related_name="entries",
        db_index=False,
        db_constraint=False,
    )
    lot = models.ForeignKey(
        Lot, on_delete=models.PROTECT, null=True, related_name="entries", db_index=False, db_constraint=False
    )
    key = models.UUIDField()
    reference_id = models.UUIDField(null=True)
    actor_id = models.UUIDField(null=True)
    kind = models.CharField(max_length=8, choices=EntryKind)
    reference_kind = models.CharField(max_length=20, blank=True)
    description = models.CharField(max_length=200, blank=True)
    hash = models.BinaryField(max_length=32)

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "entries"
        constraints = [
            models.UniqueConstraint(fields=["wallet", "seq"], name="credits_entry_seq_unique"),
            models.UniqueConstraint(fields=["wallet", "key"], name="credits_entry_key_unique"),
            models.CheckConstraint(
                condition=Rules(
                    "ledger_entry_sound",
                    "seq",
                    "kind",
                    "amount",
                    "held_change",
                    "balance_after",
                    "held_after",
                    "hold",
                    "lot",
                ),
                name="credits_entry_sound",
            ),
        ]
        indexes = [BrinIndex(fields=["created_at"], name="credits_entry_created")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.amount}"

    @property
    def available_after(self) -> int:
        """Credits free to spend after this entry."""
        return self.balance_after - self.held_after


class LotMovement(models.Model):
    """What an expiry, an adjustment, a refund or a clawback took from a lot or gave back to it.

    Holds and settlements have none: they follow from the hold's draws and its settled amount.
    """

    pk = models.CompositePrimaryKey("entry_id", "lot_id")
    entry = models.ForeignKey(
        Entry, on_delete=models.PROTECT, related_name="movements", db_index=False, db_constraint=False
    )
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, related_name="movements", db_constraint=False)
    amount = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(amount=0), name="credits_lotmovement_moves_something"),
        ]

    def __str__(self) -> str:
        return f"{self.amount:+} on lot {self.lot_id}"
