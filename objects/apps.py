"""Writes: projects, documents and everything else a writer keeps."""

from django.apps import AppConfig


class ObjectsConfig(AppConfig):
    """Writes: projects, documents and everything else a writer keeps."""

    name = "objects"
