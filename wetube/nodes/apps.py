"""The app's registration with Django; the nightly check asks whether nodes were paid rightly."""

from django.apps import AppConfig


class NodesConfig(AppConfig):
    name = "wetube.nodes"

    def ready(self) -> None:
        from wetube.nodes import earnings_hold  # noqa: PLC0415 - models are ready only now
        from wetube.settlement import reconciling  # noqa: PLC0415

        reconciling.watch("I13", earnings_hold.earnings_are_journals)
