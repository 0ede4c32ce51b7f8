"""The app's registration with Django."""

from django.apps import AppConfig


class WalletConfig(AppConfig):
    name = "wetube.wallet"
