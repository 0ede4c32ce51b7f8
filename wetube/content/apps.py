from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ContentConfig(AppConfig):
    name = "wetube.content"

    def ready(self) -> None:
        from wetube.content import checks  # noqa: PLC0415 - the registry of apps must be full first
        from wetube.core import health  # noqa: PLC0415

        health.watch("node", _("Node"), checks.node)
        health.watch("disk", _("Disk"), checks.disk)
