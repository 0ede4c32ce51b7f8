"""The app's registration with Django."""

from django.apps import AppConfig


class ChainConfig(AppConfig):
    name = "wetube.chain"
