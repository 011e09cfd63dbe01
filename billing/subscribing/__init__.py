"""Who is on which plan because of what they pay, and what they can do about it."""
