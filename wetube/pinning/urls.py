"""Addresses of pinning: the service for programs, the page for people."""

from django.urls import path

from wetube.pinning.views import pages, service

app_name = "pinning"
urlpatterns = [
    path("settings/pins/", pages.pins, name="pins"),
    path("settings/pins/<str:key>/remove/", pages.remove, name="remove"),
    path("settings/pins/<str:key>/again/", pages.try_again, name="try_again"),
    path("pinning/v1/pins", service.pins, name="service"),
    path("pinning/v1/pins/<str:key>", service.pin, name="service_pin"),
]
