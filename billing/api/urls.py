"""Routes of the billing API, under /api/v1."""

from django.urls import path

from billing.api import views

urlpatterns = [
    path("billing/plans", views.PlansView.as_view(), name="billing-plans"),
    path("billing/subscription", views.SubscriptionView.as_view(), name="billing-subscription"),
    path("billing/usage", views.UsageView.as_view(), name="billing-usage"),
    path("entitlements", views.EntitlementsView.as_view(), name="entitlements"),
]
