"""The addresses of the sandbox: its API under /v1/, its dials, its pages."""

from django.urls import include, path

from billing.sandbox.web import dials

urlpatterns = [
    path("v1/", include("billing.sandbox.api.urls")),
    path("sandbox/dials", dials.dials),
]
