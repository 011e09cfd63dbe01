"""Routes of the desk and the session pages."""

from django.urls import path

from orchestration.views import acts, orders, receipts, session, setup, studio

app_name = "orchestration"
urlpatterns = [
    path("", studio.session_list, name="sessions"),
    path("new/", setup.new, name="new"),
    path("estimate/", setup.estimate_panel, name="estimate"),
    path("orders/<uuid:pk>/", orders.order, name="order"),
    path("<uuid:pk>/", session.page, name="session"),
    path("<uuid:pk>/manuscript/", session.manuscript, name="manuscript"),
    path("<uuid:pk>/status/", session.status, name="status"),
    path("<uuid:pk>/bill/", receipts.bill, name="bill"),
    path("<uuid:pk>/note/", acts.note, name="note"),
    path("<uuid:pk>/review/", acts.review, name="review"),
    path("<uuid:pk>/cap/", acts.cap, name="cap"),
    path("<uuid:pk>/rerun/", acts.rerun, name="rerun"),
    path("<uuid:pk>/<slug:verb>/", acts.act, name="act"),
]
