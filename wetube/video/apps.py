from django.apps import AppConfig


class VideoConfig(AppConfig):
    name = "wetube.video"

    def ready(self) -> None:
        from wetube.core import live  # noqa: PLC0415 - the registry of apps must be full first
        from wetube.video import rooms  # noqa: PLC0415

        live.open_room("video", may_enter=rooms.may_watch_progress)
