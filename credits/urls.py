"""Routes of the credits pages, under /credits/."""

from django.urls import path

from credits import history_pages, statement_pages, views

app_name = "credits"

urlpatterns = [
    path("", views.overview, name="overview"),
    path("history/", history_pages.history, name="history"),
    path("history.csv", history_pages.export, {"extension": "csv"}, name="history_csv"),
    path("history.json", history_pages.export, {"extension": "json"}, name="history_json"),
    path("statements/", statement_pages.statements, name="statements"),
    path("statements/<str:month>/", statement_pages.statement, name="statement"),
    path("statements/<str:month>/file/", statement_pages.download, name="statement_download"),
]
