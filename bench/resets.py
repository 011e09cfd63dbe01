"""The monthly reset of many wallets against the bare rows that it writes."""

import os

WALLETS = int(os.environ.get("RESET_WALLETS", "1000000"))
