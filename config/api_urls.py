"""Routes of the API, under /api/v1."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView

urlpatterns = [
    path("schema", SpectacularAPIView.as_view(), name="schema"),
    path("", include("accounts.api.urls")),
    path("", include("credits.api.urls")),
    path("", include("billing.api.urls")),
    path("", include("objects.api.urls")),
    path("", include("orchestration.api.urls")),
    path("", include("adminpanel.api.urls")),
]
