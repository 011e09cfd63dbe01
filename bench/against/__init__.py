"""Programs that let another ledger do the same work; each runs in an environment of its own."""
