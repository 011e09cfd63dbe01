"""The verbs on projects and documents: what pages, API and sessions call."""

from objects.services.choosing import choose_changes
from objects.services.documents import (
    create_document,
    import_document,
    move_document,
    purge_trash,
    read_file,
    rename_document,
    restore_document,
    trash_document,
)
from objects.services.locks import lock_document, unlock_document
from objects.services.projects import archive_project, create_project, restore_project, update_project
from objects.services.saving import record_agent_version, restore_version, save_document

__all__ = [
    "archive_project",
    "choose_changes",
    "create_document",
    "create_project",
    "import_document",
    "lock_document",
    "move_document",
    "purge_trash",
    "read_file",
    "record_agent_version",
    "rename_document",
    "restore_document",
    "restore_project",
    "restore_version",
    "save_document",
    "trash_document",
    "unlock_document",
    "update_project",
]
