"""What Stripe tells: taken in, stored, acknowledged, and brought to what it means here."""
