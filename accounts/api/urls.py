"""Routes of the accounts API, under /api/v1."""

from django.urls import path

from accounts.api import keys, notifications, views

_keys = keys.KeyViewSet.as_view
_avatars = views.AvatarViewSet.as_view

urlpatterns = [
    path("auth/token", views.TokenView.as_view(), name="auth-token"),
    path("auth/token/refresh", views.RefreshView.as_view(), name="auth-token-refresh"),
    path("auth/token/revoke", views.RevokeView.as_view(), name="auth-token-revoke"),
    path("auth/keys", _keys({"get": "list", "post": "create"}), name="auth-keys"),
    path("auth/keys/<uuid:pk>", _keys({"delete": "destroy"}), name="auth-key"),
    path("users/me", views.MeView.as_view(), name="me"),
    path("users/me/preferences", views.PreferencesView.as_view(), name="preferences"),
    path("users/me/notifications", notifications.NotificationsView.as_view(), name="notifications"),
    path(
        "users/me/notifications/read-all",
        notifications.NotificationsReadAllView.as_view(),
        name="notifications-read-all",
    ),
    path(
        "users/me/notifications/<uuid:pk>/read",
        notifications.NotificationReadView.as_view(),
        name="notification-read",
    ),
    path("avatars", _avatars({"get": "list", "post": "create"}), name="avatars"),
    path(
        "avatars/<uuid:pk>",
        _avatars({"get": "retrieve", "patch": "partial_update", "delete": "destroy"}),
        name="avatar",
    ),
    path("avatars/<uuid:pk>/activate", _avatars({"post": "activate"}), name="avatar-activate"),
]
