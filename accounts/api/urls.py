"""Routes of the accounts API, under /api/v1."""

from django.urls import path

from accounts.api import views

_avatars = views.AvatarViewSet.as_view

urlpatterns = [
    path("auth/token", views.TokenView.as_view(), name="auth-token"),
    path("auth/token/refresh", views.RefreshView.as_view(), name="auth-token-refresh"),
    path("auth/token/revoke", views.RevokeView.as_view(), name="auth-token-revoke"),
    path("users/me", views.MeView.as_view(), name="me"),
    path("users/me/preferences", views.PreferencesView.as_view(), name="preferences"),
    path("avatars", _avatars({"get": "list"}), name="avatars"),
    path("avatars/<uuid:pk>", _avatars({"get": "retrieve", "patch": "partial_update"}), name="avatar"),
]
