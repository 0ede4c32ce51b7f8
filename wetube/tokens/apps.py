"""The app's registration with Django."""

from django.apps import AppConfig


class TokensConfig(AppConfig):
    name = "wetube.tokens"
