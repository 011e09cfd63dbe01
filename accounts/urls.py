"""Routes of the settings pages, under /settings/."""

from django.urls import path

from accounts.views import avatars, keys, notifications, settings

app_name = "accounts"

urlpatterns = [
    path("", settings.profile, name="profile"),
    path("preferences/", settings.preferences, name="preferences"),
    path("avatars/", avatars.index, name="avatars"),
    path("avatars/new/", avatars.new, name="avatar_new"),
    path("avatars/<uuid:pk>/", avatars.detail, name="avatar"),
    path("avatars/<uuid:pk>/activate/", avatars.activate, name="avatar_activate"),
    path("avatars/<uuid:pk>/delete/", avatars.delete, name="avatar_delete"),
    path("notifications/", notifications.switches, name="notifications"),
    path("keys/", keys.index, name="keys"),
    path("keys/new/", keys.new, name="key_new"),
    path("keys/<uuid:pk>/revoke/", keys.revoke, name="key_revoke"),
    path("security/", settings.security, name="security"),
    path("theme/", settings.theme, name="theme"),
]
