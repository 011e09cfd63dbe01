# One image for web, worker and beat; compose.yaml and docs/operations.md show how they are started.
FROM python:3.13-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app

COPY requirements/ requirements/
RUN pip install --require-hashes -r requirements/uv.txt \
    && uv pip install --system --no-cache --compile-bytecode --require-hashes -r requirements/base.txt

COPY . .
ENV DJANGO_SETTINGS_MODULE=config.settings.production
# Static files are part of the image; only uploads are kept outside of it.
RUN SECRET_KEY=only-to-collect-static-files python manage.py collectstatic --noinput \
    && useradd --system --uid 10001 --home-dir /nonexistent atelier \
    && install -d -o atelier -g atelier var/files

USER 10001
VOLUME /app/var/files
EXPOSE 8000
CMD ["uvicorn", "config.asgi:application", "--host", "0.0.0.0", "--port", "8000", "--lifespan", "off", "--no-server-header", "--no-proxy-headers"]
