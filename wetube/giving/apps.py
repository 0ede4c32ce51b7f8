"""The app's registration with Django."""

from django.apps import AppConfig


class GivingConfig(AppConfig):
    name = "wetube.giving"
