"""How the business runs: the operators' admin."""
