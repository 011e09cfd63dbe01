"""Usage and cost, for operators: who used what, what it took, and what it cost us."""
