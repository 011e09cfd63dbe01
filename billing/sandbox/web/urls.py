"""The addresses of the sandbox: its API under /v1/, its dials, its pages."""

from django.urls import include, path
from django.views.generic import RedirectView

from billing.sandbox.pages import checkout, desk, invoices, portal
from billing.sandbox.web import acts, dials, files

urlpatterns = [
    path("v1/", include("billing.sandbox.api.urls")),
    path("checkout/<str:id>", checkout.checkout),
    path("portal/<str:id>", portal.portal),
    path("invoice/<str:id>", invoices.invoice),
    path("invoice/<str:id>/pdf", invoices.invoice_pdf),
    path("receipt/<str:id>", invoices.receipt),
    path("sandbox/", desk.desk),
    path("sandbox/customers/<str:id>", desk.customer),
    path("sandbox/events", desk.events),
    path("sandbox/dials", dials.dials),
    path("sandbox/acts/<str:name>", acts.act),
    path("static/sandbox/<path:name>", files.own_file),
    path("static/<path:name>", files.studio_file),
    path("", RedirectView.as_view(url="/sandbox/")),
]
