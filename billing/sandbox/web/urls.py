"""The addresses of the sandbox: its API under /v1/, its dials, its pages."""

from django.urls import include, path

from billing.sandbox.web import acts, dials

urlpatterns = [
    path("v1/", include("billing.sandbox.api.urls")),
    path("sandbox/dials", dials.dials),
    path("sandbox/acts/<str:name>", acts.act),
]
