"""What the least program for the same job looks like."""
