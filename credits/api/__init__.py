"""The API of credits."""
