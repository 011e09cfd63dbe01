"""Credits for operators: the ledger to read, and the acts that move credits by hand."""

from credits.admin import corrections, records, wallets

__all__ = ["corrections", "records", "wallets"]
