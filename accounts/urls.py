"""Routes of the settings pages, under /settings/."""

from django.urls import path

from accounts.views import notifications, settings

app_name = "accounts"

urlpatterns = [
    path("", settings.profile, name="profile"),
    path("preferences/", settings.preferences, name="preferences"),
    path("avatars/", settings.avatars, name="avatars"),
    path("notifications/", notifications.switches, name="notifications"),
    path("security/", settings.security, name="security"),
    path("theme/", settings.theme, name="theme"),
]
