"""Writes: projects, documents and everything else a writer keeps."""

from django.apps import AppConfig


class ObjectsConfig(AppConfig):
    """Writes: projects, documents and everything else a writer keeps."""

    name = "objects"

    def ready(self) -> None:
        """Count what the plans bound."""
        from billing import usage
        from objects import quotas

        usage.register("projects", quotas.projects_used)
        usage.register("objects", quotas.objects_used)
        usage.register("storage_bytes", quotas.storage_used)
