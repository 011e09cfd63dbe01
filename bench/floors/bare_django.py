"""The floor under our pages: a Django page with a session, three queries and a template of 20 lines.

Run by the same server as the product, on the same database and cache.
"""

import os

import django
import environ
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.template import Context, Engine
from django.urls import path

_database = environ.Env().db("DATABASE_URL")
_database.setdefault("OPTIONS", {})["pool"] = {"min_size": 1, "max_size": 12, "timeout": 10}
settings.configure(
    SECRET_KEY=os.environ["SECRET_KEY"],
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    DATABASES={"default": _database},
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "django.contrib.sessions"],
    MIDDLEWARE=[
        "django.middleware.security.SecurityMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
    ],
    SESSION_ENGINE="django.contrib.sessions.backends.cached_db",
    CACHES={
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": os.environ["REDIS_URL"],
        }
    },
)
django.setup()

PAGE = Engine().from_string("""<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <title>{{ title }}</title>
</head>
<body>
  <header><p>{{ count }} rows</p></header>
  <main>
    <h1>{{ title }}</h1>
    <ul>
      {% for row in rows %}
      <li>{{ row.0 }}: {{ row.1 }}</li>
      {% empty %}
      <li>nothing</li>
      {% endfor %}
    </ul>
  </main>
  <footer><p>{{ visitor }}</p></footer>
</body>
</html>
""")


def page(request: HttpRequest) -> HttpResponse:
    """Answer with a session read and three queries."""
    visitor = request.session.get("_auth_user_id", "nobody")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM django_content_type")
        count = cursor.fetchone()[0]
        cursor.execute("SELECT app_label, model FROM django_content_type ORDER BY id LIMIT 10")
        rows = cursor.fetchall()
        cursor.execute("SELECT current_date")
        title = cursor.fetchone()[0]
    shown = {"title": title, "rows": rows, "count": count, "visitor": visitor}
    return HttpResponse(PAGE.render(Context(shown)))


urlpatterns = [path("", page)]
application = get_asgi_application()
