"""Routes of the billing pages."""

from django.urls import path

from billing.views import buying, changing, overview, pricing
from billing.webhooks import receiving as webhooks

app_name = "billing"

urlpatterns = [
    path("pricing/", pricing.pricing, name="pricing"),
    path("plan/", overview.plan, name="plan"),
    path("billing/", overview.overview, name="overview"),
    path("billing/invoices/", overview.invoices, name="invoices"),
    path("billing/choose/", buying.choose, name="choose"),
    path("billing/paid/", buying.paid, name="paid"),
    path("billing/change/", changing.change, name="change"),
    path("billing/undo/", changing.undo, name="undo"),
    path("billing/cancel/", changing.cancel, name="cancel"),
    path("billing/resume/", changing.resume, name="resume"),
    path("billing/portal/", changing.to_portal, name="portal"),
    path("stripe/webhook/<uuid:endpoint>/", webhooks.receive, name="webhook"),
]
