"""The rules of an editorial session, pure: no query, no clock, no network."""
