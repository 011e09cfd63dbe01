"""Composition root: settings, routes, the Celery application and the ASGI entry."""
