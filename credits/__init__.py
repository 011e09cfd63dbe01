"""May spend: wallets, the credit ledger and the metering of every act."""
