"""Routes of the operators' API, under /api/v1."""

from django.urls import path

from adminpanel.api import views

urlpatterns = [
    path("admin/users/<uuid:pk>/credits", views.UserCreditsView.as_view(), name="admin-user-credits"),
]
