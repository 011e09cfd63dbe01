"""The web application of the sandbox: Django alone, nothing of the product."""
