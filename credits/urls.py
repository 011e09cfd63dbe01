"""Routes of the credits pages, under /credits/."""

from django.urls import path, re_path

from credits import history_pages, statement_pages, views

app_name = "credits"

urlpatterns = [
    path("", views.overview, name="overview"),
    path("history/", history_pages.history, name="history"),
    re_path(r"^history\.(?P<extension>csv|json)$", history_pages.export, name="history_export"),
    path("statements/", statement_pages.statements, name="statements"),
    path("statements/<str:month>/", statement_pages.statement, name="statement"),
    path("statements/<str:month>/file/", statement_pages.download, name="statement_download"),
]
