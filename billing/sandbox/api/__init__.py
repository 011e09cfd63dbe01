"""The REST API: one module for each group of resources, and what they share."""
