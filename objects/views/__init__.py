"""Pages of projects, documents and versions."""
