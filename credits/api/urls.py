"""Routes of the credits API, under /api/v1."""

from django.urls import path

from credits.api import balance, history, statements, usage

urlpatterns = [
    path("credits/balance", balance.BalanceView.as_view(), name="credits-balance"),
    path("credits/usage", usage.UsageView.as_view(), name="credits-usage"),
    path("credits/history", history.HistoryView.as_view(), name="credits-history"),
    path("credits/history.csv", history.HistoryCsv.as_view(), name="credits-history-csv"),
    path("credits/history.json", history.HistoryJson.as_view(), name="credits-history-json"),
    path("credits/statements", statements.StatementListView.as_view(), name="credits-statements"),
    path("credits/statements/keys", statements.KeysView.as_view(), name="credits-statement-keys"),
    path("credits/statements/<str:month>", statements.StatementView.as_view(), name="credits-statement"),
]
