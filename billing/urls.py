"""Routes of the billing pages."""

from django.urls import path

from billing import views, webhooks

app_name = "billing"

urlpatterns = [
    path("pricing/", views.pricing, name="pricing"),
    path("plan/", views.plan, name="plan"),
    path("stripe/webhook/<uuid:endpoint>/", webhooks.receive, name="webhook"),
]
