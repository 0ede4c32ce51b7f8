"""The app's registration with Django."""

from django.apps import AppConfig


class WireConfig(AppConfig):
    name = "wetube.wire"
