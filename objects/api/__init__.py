"""Projects, documents and versions for programs."""
