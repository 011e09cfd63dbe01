"""Routes of the credits API, under /api/v1."""

from django.urls import path

from credits.api import views

urlpatterns = [
    path("credits/balance", views.BalanceView.as_view(), name="credits-balance"),
    path("credits/usage", views.UsageView.as_view(), name="credits-usage"),
    path("credits/history", views.HistoryView.as_view(), name="credits-history"),
]
