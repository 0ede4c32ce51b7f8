"""The app's registration with Django."""

from django.apps import AppConfig


class CloudchainConfig(AppConfig):
    name = "wetube.cloudchain"
