"""Wallets, lots, holds, the journal and the usage log."""

from credits.models.allowance import MonthlyAllowance
from credits.models.correction import Correction
from credits.models.entry import Entry, EntryKind, LotMovement
from credits.models.hold import Hold, HoldDraw
from credits.models.lot import Lot, Source
from credits.models.usage import Metric, UsageBatch, UsageCounter, UsageRecord
from credits.models.wallet import Wallet

__all__ = [
    "Correction",
    "Entry",
    "EntryKind",
    "Hold",
    "HoldDraw",
    "Lot",
    "LotMovement",
    "Metric",
    "MonthlyAllowance",
    "Source",
    "UsageBatch",
    "UsageCounter",
    "UsageRecord",
    "Wallet",
]
