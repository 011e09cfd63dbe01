"""Routes of the credits pages, under /credits/."""

from django.urls import path

from credits import views

app_name = "credits"

urlpatterns = [path("", views.overview, name="overview")]
