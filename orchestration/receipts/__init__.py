"""Receipts: from a turn, or a passage of a text, back to the credits that paid for it."""
