"""The API of editorial sessions."""
