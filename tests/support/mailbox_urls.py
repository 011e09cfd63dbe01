"""The site's routes with the mailbox, which the test settings leave out."""

from django.urls import include, path

from config.urls import urlpatterns as site

urlpatterns = [*site, path("mailbox/", include("config.devserver.mailbox"))]
