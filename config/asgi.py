"""The ASGI entry: event streams to their own handler, everything else, of bounded size, to Django."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")

django_application = get_asgi_application()  # loads the apps, so it comes before what imports models

from config.edge import BodyLimit  # noqa: E402
from orchestration.streaming.asgi import EventStreams  # noqa: E402

application = EventStreams(BodyLimit(django_application))  # type: ignore[arg-type]
