"""The app's registration with Django; the nightly check asks whether tokens are backed."""

from django.apps import AppConfig


class TokensConfig(AppConfig):
    name = "wetube.tokens"

    def ready(self) -> None:
        from wetube.settlement import reconciling  # noqa: PLC0415 - models are ready only now
        from wetube.tokens import liability  # noqa: PLC0415

        reconciling.watch("I10", liability.tokens_are_backed)
