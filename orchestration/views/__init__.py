"""Pages of editorial sessions."""
