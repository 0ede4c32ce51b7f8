"""Addresses of pinning: the service for programs, the page for people."""

from django.urls import path

from wetube.pinning.views import service

app_name = "pinning"
urlpatterns = [
    path("pinning/v1/pins", service.pins, name="service"),
    path("pinning/v1/pins/<str:key>", service.pin, name="service_pin"),
]
