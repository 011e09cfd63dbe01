"""Writes: projects, documents and everything else a writer keeps."""

from django.apps import AppConfig


class ObjectsConfig(AppConfig):
    """Writes: projects, documents and everything else a writer keeps."""

    name = "objects"

    def ready(self) -> None:
        """Count what the plans bound, and let `verify_ledger` prove the invariants of documents too."""
        from billing import usage
        from credits.verification import register
        from objects import quotas
        from objects.verification import INVARIANTS

        usage.register("projects", quotas.projects_used)
        usage.register("objects", quotas.objects_used)
        usage.register("storage_bytes", quotas.storage_used)
        for invariant in INVARIANTS:
            register(invariant)
