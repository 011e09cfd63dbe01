"""Plans and payments."""

from config.settings.env import env

CATALOGUE = env.str("CATALOGUE", default="atelier")
"""Name or path of the catalogue that set-up loads."""

SILENCED_SYSTEM_CHECKS = ["django_ratelimit.W001"]  # Django's own RedisCache is atomic enough for it
