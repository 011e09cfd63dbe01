"""Routes of the pages."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularSwaggerSplitView

from orchestration.views import home, receipts, studio

handler404 = "config.common.missing.not_found"
handler500 = "config.common.missing.broken"
urlpatterns = [
    path("", home.landing, name="home"),
    path("studio/", studio.desk, name="studio"),
    path("sessions/", include("orchestration.urls")),
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.urls")),
    path("", include("billing.urls")),
    path("credits/", include("credits.urls")),
    path("settings/", include("accounts.urls")),
    path("notifications/", include("accounts.notifications.urls")),
    path("", include("objects.urls")),
    path("documents/<uuid:pk>/versions/<int:number>/receipts/", receipts.page, name="receipts"),
    path("documents/<uuid:pk>/versions/<int:number>/receipts/<int:place>/", receipts.passage, name="receipt"),
    path(
        "api/docs/",
        SpectacularSwaggerSplitView.as_view(url_name="schema", template_name="api_docs.html"),
        name="api-docs",
    ),
    path("api/v1/", include("config.api_urls")),
]
if settings.LOCAL_MAILBOX:
    urlpatterns.append(path("mailbox/", include("config.devserver.mailbox")))
