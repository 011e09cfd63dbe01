"""The wallet: one account of credits, and the row that every movement locks first."""

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q, Sum
from django.db.models.functions import Coalesce

from config.common.clock import now
from credits.models.rules import Rules
from credits.periods import Period, period_containing

if TYPE_CHECKING:
    from accounts.models import User


class WalletQuerySet(models.QuerySet["Wallet"]):
    """Wallets, and what can be read of them at once."""

    def of(self, user: "User") -> Self:
        """The wallet of `user`; nobody else's."""
        return self.filter(owner=user)

    def with_expired(self) -> Self:
        """Add `expired`: credits of lots that are past their time but not swept yet."""
        from credits.models.lot import (
            Lot,
        )  # the lot points at the wallet: importing it above would be a circle

        past = Lot.objects.filter(wallet=models.OuterRef("pk"), expires_at__lte=now(), remaining__gt=0)
        total = past.order_by().values("wallet").annotate(total=Sum("remaining")).values("total")
        return self.annotate(expired=Coalesce(models.Subquery(total), 0))


class Wallet(models.Model):
    """What one account has to spend. Only the ledger's SQL functions move its figures.

    Outlives its owner: an erased account leaves a wallet without a name, and its ledger still adds up.
    """

    id = models.BigAutoField(primary_key=True)
    owner = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="wallet"
    )
    available = models.BigIntegerField(default=0)
    held = models.BigIntegerField(default=0)
    allowance = models.BigIntegerField(default=0)
    used = models.BigIntegerField(default=0)
    """Settled less refunded since the period began; below zero when an older period's work is refunded."""
    period_start = models.DateTimeField(null=True)
    period_end = models.DateTimeField(null=True)
    seq = models.BigIntegerField(default=0)
    head = models.BinaryField(max_length=32)
    """Hash of the newest entry: the end of the chain."""
    opened_at = models.DateTimeField()
    anchor = models.DateTimeField(null=True)
    """Where its months are counted from since a plan began months of its own; until then from `opened_at`."""
    parked_at = models.DateTimeField(null=True)
    parked_reason = models.CharField(max_length=200, blank=True)
    owed = models.BigIntegerField(default=0, db_default=0)
    """Credits that were spent and whose money went back; while there are any, it takes no new hold either."""

    objects = WalletQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Rules(
                    "ledger_wallet_sound",
                    "available",
                    "held",
                    "allowance",
                    "period_start",
                    "period_end",
                    "parked_at",
                    "parked_reason",
                ),
                name="credits_wallet_sound",
            ),
            models.CheckConstraint(condition=Q(owed__gte=0), name="credits_wallet_owed_not_negative"),
        ]

    def __str__(self) -> str:
        return f"Wallet {self.pk}"

    @property
    def is_parked(self) -> bool:
        """Whether it takes no new hold: its figures are in doubt, or it owes credits."""
        return self.parked_at is not None or self.owed > 0

    @property
    def balance(self) -> int:
        """Credits owned: what is free and what is held."""
        return self.available + self.held

    def period(self, *, at: datetime) -> Period:
        """The period that `at` falls into: the granted one, else the month counted from the anchor."""
        if self.period_start and self.period_end and self.period_start <= at < self.period_end:
            return Period(self.period_start, self.period_end)
        return period_containing(anchor=self.anchor or self.opened_at, at=at)

    def park(self, *, reason: str) -> None:
        """Refuse every new hold of this wallet until somebody has looked; what runs may still settle."""
        self.parked_at, self.parked_reason = now(), reason
        self.save(update_fields=["parked_at", "parked_reason"])

    def unpark(self) -> None:
        """Let this wallet spend again."""
        self.parked_at, self.parked_reason = None, ""
        self.save(update_fields=["parked_at", "parked_reason"])
