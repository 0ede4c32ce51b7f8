"""The app's registration with Django."""

from django.apps import AppConfig


class CloudcoinConfig(AppConfig):
    name = "wetube.cloudcoin"
