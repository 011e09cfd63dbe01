"""How turns run: claimed under a lease, fenced by the attempt, finished in one transaction."""
