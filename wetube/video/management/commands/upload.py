"""Upload a film from a file on this machine."""

import shutil
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from wetube.people.models import Channel
from wetube.video import progress, uploads, workshop
from wetube.video.models import Video


class Command(BaseCommand):
    """`manage.py upload FILE --channel HANDLE`"""

    help = "Upload a film from a file on this machine; the workers do the rest."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--channel", required=True, help="the channel's handle, without @")
        parser.add_argument("--title", default="", help="taken from the file's name if not given")
        parser.add_argument("--wait", action="store_true", help="until it is published or failed")

    def handle(self, *args: Any, **options: Any) -> None:
        file: Path = options["file"]
        if not file.is_file():
            raise CommandError(f"There is no file {file}.")
        channel = Channel.objects.filter(handle=options["channel"].lstrip("@")).first()
        if channel is None:
            raise CommandError(f"There is no channel @{options['channel']}.")
        video = self._upload(file, channel, options["title"])
        self.stdout.write(f"{video.title}: {video.key}")
        if options["wait"]:
            self._wait(video)

    def _upload(self, file: Path, channel: Channel, title: str) -> Video:
        size = file.stat().st_size
        try:
            video = uploads.begin(channel=channel, name=file.name, size=size, title=title)
        except uploads.UploadRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        source = workshop.source(video.key)
        source.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = source.with_suffix(".copying")
        shutil.copyfile(file, draft)
        draft.replace(source)
        uploads.finish(video.key, size=size)
        return video

    def _wait(self, video: Video) -> None:
        while video.state not in {Video.State.PUBLISHED, Video.State.FAILED}:
            time.sleep(1)
            video.refresh_from_db()
            self.stdout.write(f"{video.get_state_display()} {progress.overall(video):.0%}")
        if video.state == Video.State.FAILED:
            raise CommandError(video.failure)
        self.stdout.write(self.style.SUCCESS(video.get_absolute_url()))
