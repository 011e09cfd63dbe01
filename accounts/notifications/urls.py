"""Routes of the notices, under /notifications/."""

from django.urls import path

from accounts.views import notifications

app_name = "notices"

urlpatterns = [
    path("", notifications.index, name="list"),
    path("bell/", notifications.bell, name="bell"),
    path("read/", notifications.read_all, name="read_all"),
    path("<uuid:pk>/open/", notifications.open_notice, name="open"),
    path("<uuid:pk>/read/", notifications.read, name="read"),
    path("unsubscribe/<str:token>/", notifications.unsubscribe, name="unsubscribe"),
]
