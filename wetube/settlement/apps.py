"""The app's registration with Django, and what the operator's health page asks of it."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from wetube.core import health


class SettlementConfig(AppConfig):
    name = "wetube.settlement"

    def ready(self) -> None:
        from wetube.settlement import checks  # noqa: PLC0415 - models are ready only now

        health.watch("coin", _("The coin’s books"), checks.books)
        health.watch("settlement", _("Payouts and deposits"), checks.work)
