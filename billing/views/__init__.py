"""Pages of plans and payments."""
