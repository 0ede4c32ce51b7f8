"""The app's registration with Django."""

from django.apps import AppConfig


class NodesConfig(AppConfig):
    name = "wetube.nodes"
