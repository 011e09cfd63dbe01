"""Routes of the billing API, under /api/v1."""

from django.urls import path

from billing.api import payments, views

urlpatterns = [
    path("billing/plans", views.PlansView.as_view(), name="billing-plans"),
    path("billing/subscription", views.SubscriptionView.as_view(), name="billing-subscription"),
    path("billing/usage", views.UsageView.as_view(), name="billing-usage"),
    path("billing/invoices", payments.InvoiceList.as_view(), name="billing-invoices"),
    path("billing/checkout", payments.CheckoutView.as_view(), name="billing-checkout"),
    path("billing/change/preview", payments.PreviewView.as_view(), name="billing-change-preview"),
    path("billing/change", payments.ChangeView.as_view(), name="billing-change"),
    path("billing/change/undo", payments.UndoView.as_view(), name="billing-change-undo"),
    path("billing/cancel", payments.CancelView.as_view(), name="billing-cancel"),
    path("billing/resume", payments.ResumeView.as_view(), name="billing-resume"),
    path("billing/portal", payments.PortalView.as_view(), name="billing-portal"),
    path("entitlements", views.EntitlementsView.as_view(), name="entitlements"),
]
