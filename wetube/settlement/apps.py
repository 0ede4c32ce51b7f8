"""The app's registration with Django."""

from django.apps import AppConfig


class SettlementConfig(AppConfig):
    name = "wetube.settlement"
