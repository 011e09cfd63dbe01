"""Writes: projects, documents and everything else a writer keeps."""
