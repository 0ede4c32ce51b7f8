"""The app's registration with Django."""

from django.apps import AppConfig


class PinningConfig(AppConfig):
    name = "wetube.pinning"

    def ready(self) -> None:
        from wetube.people import farewell  # noqa: PLC0415 - the registry of apps must be full first
        from wetube.pinning import asking  # noqa: PLC0415

        farewell.before_leaving(asking.forget_all)
