"""Monthly statements of a wallet that prove themselves: read, written, signed and verified."""
