"""The ASGI entry: event streams to their own handler, everything else to Django."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")

django_application = get_asgi_application()  # loads the apps, so it comes before what imports models

from orchestration.streaming.asgi import EventStreams  # noqa: E402

application = EventStreams(django_application)  # type: ignore[arg-type]
