"""Primitives that every app shares; without models, importing no app."""
