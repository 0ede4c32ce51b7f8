from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class VideoConfig(AppConfig):
    name = "wetube.video"

    def ready(self) -> None:
        # The registry of apps must be full before any of these is imported.
        from wetube.core import health, live  # noqa: PLC0415
        from wetube.giving import occasions  # noqa: PLC0415
        from wetube.people import channels  # noqa: PLC0415
        from wetube.video import checks, editing, gifts, rooms  # noqa: PLC0415

        live.open_room("video", may_enter=rooms.may_watch_progress)
        channels.before_deleting(editing.take_down_all)
        occasions.know("video", gifts.occasion)
        health.watch("ffmpeg", _("ffmpeg"), checks.ffmpeg)
        health.watch("sandbox", _("Sandbox"), checks.confinement)
        health.watch("work", _("Work"), checks.work)
