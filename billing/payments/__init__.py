"""Money that arrived and money that went back, and the credits that follow it."""
