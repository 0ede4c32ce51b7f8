"""Addresses of the pages that belong to no app."""

from django.urls import path

from wetube.core import views

app_name = "core"
urlpatterns = [
    path("about/", views.about, name="about"),
    path("health/", views.health_page, name="health"),
    path("alive/", views.alive, name="alive"),
]
