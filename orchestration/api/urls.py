"""Routes of the session API, under /api/v1."""

from django.urls import path

from orchestration.api import orders, receipts, review, sessions

urlpatterns = [
    path("sessions", sessions.SessionList.as_view(), name="sessions"),
    path("sessions/<uuid:pk>", sessions.SessionDetail.as_view(), name="session"),
    path("sessions/<uuid:pk>/events", sessions.SessionEvents.as_view(), name="session-events"),
    path("sessions/<uuid:pk>/note", sessions.SessionNote.as_view(), name="session-note"),
    path("sessions/<uuid:pk>/cap", sessions.SessionCap.as_view(), name="session-cap"),
    path("sessions/<uuid:pk>/review", review.SessionReview.as_view(), name="session-review"),
    path("sessions/<uuid:pk>/turns", sessions.TurnList.as_view(), name="session-turns"),
    path("sessions/<uuid:pk>/turns/<uuid:turn>/rerun", sessions.TurnRerun.as_view(), name="turn-rerun"),
    path("sessions/<uuid:pk>/findings", sessions.FindingList.as_view(), name="session-findings"),
    path("sessions/<uuid:pk>/bill", receipts.SessionBill.as_view(), name="session-bill"),
    path(
        "documents/<uuid:pk>/versions/<int:number>/receipts",
        receipts.VersionReceipts.as_view(),
        name="version-receipts",
    ),
    *(
        path(f"sessions/<uuid:pk>/{verb}", view.as_view(), name=f"session-{verb}")
        for verb, view in sessions.VERBS.items()
    ),
    path("orders", orders.OrderList.as_view(), name="orders"),
    path("orders/<uuid:pk>", orders.OrderDetail.as_view(), name="order"),
    path("orders/<uuid:pk>/start", orders.OrderStart.as_view(), name="order-start"),
    path("projects/<uuid:pk>/sessions", sessions.ProjectSessionList.as_view(), name="project-sessions"),
    path("credits/estimate", sessions.EstimateView.as_view(), name="credits-estimate"),
]
