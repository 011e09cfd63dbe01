"""The studio and Stripe side by side: what differs, and what was repaired."""
