"""How AI works: editorial sessions, turns, providers and the live stream."""
