"""A film and two people to try everything with, through the real gateway and pipeline."""

import http.client
import time
from argparse import ArgumentParser
from base64 import b64encode
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from wetube.cloudcoin import ledger
from wetube.people import joining, passwords, phrases
from wetube.people.models import User
from wetube.video import progress, uploads
from wetube.video.models import Video
from wetube.video.transcoding import demo_clip

CREATOR, VIEWER = "demo-creator", "demo-viewer"
PASSWORD = "cloudcoin demo"  # noqa: S105 - printed on purpose: anyone at this machine may try it


class Command(BaseCommand):
    """`manage.py demo FILE`"""

    help = "Upload FILE as a demo film and make a creator and a viewer who holds coin."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, nargs="?", help="a film; without one, one is made")

    def handle(self, *args: Any, **options: Any) -> None:
        file: Path = options["file"] or self._made()
        creator, viewer = (self._person(name) for name in (CREATOR, VIEWER))
        ledger.account_of(viewer)
        video = Video.objects.owned_by(creator).first() or self._upload(creator, file)
        self._wait(video)
        self.stdout.write(self.style.SUCCESS(f"{settings.SITE_URL}{video.get_absolute_url()}"))
        self.stdout.write(f"Sign in as {CREATOR} or {VIEWER}, password: {PASSWORD}")

    def _made(self) -> Path:
        folder = Path(settings.WORK_DIR) / "demo"
        folder.mkdir(parents=True, exist_ok=True)
        return demo_clip.make(folder / "Colours in motion.mp4")

    def _person(self, name: str) -> User:
        found = User.objects.by_name(name)
        if found is None:
            found, master = joining.join(name=name, words=phrases.new())
            passwords.set_for(found, master, PASSWORD)
        return found

    def _upload(self, creator: User, file: Path) -> Video:
        """The way a browser would: announce, then send the bytes by tus."""
        channel = creator.channels.first()
        if channel is None or not file.is_file():
            raise CommandError(f"There is no file {file}, or {creator} has no channel.")
        size = file.stat().st_size
        video = uploads.begin(channel=channel, name=file.name, size=size)
        try:
            _send(uploads.endpoint(video), file, size)
        except OSError as error:
            uploads.cancel(video)
            raise CommandError(f"The gateway did not take the file: {error}") from error
        return video

    def _wait(self, video: Video) -> None:
        said = ""
        while video.state not in {Video.State.PUBLISHED, Video.State.FAILED}:
            now = f"{video.get_state_display()} {progress.overall(video):.0%}"
            if now != said:
                self.stdout.write(f"{video.title}: {now}")
                said = now
            time.sleep(1)
            video.refresh_from_db()
        if video.state == Video.State.FAILED:
            raise CommandError(video.failure)


def _send(endpoint: str, file: Path, size: int) -> None:
    """One tus upload in two requests; raises OSError when the gateway refuses."""
    address = urlsplit(endpoint)
    connection = http.client.HTTPConnection(address.netloc, timeout=60)
    name = b64encode(file.name.encode()).decode()
    headers = {"Tus-Resumable": "1.0.0", "Upload-Length": str(size)}
    headers["Upload-Metadata"] = f"filename {name}"
    connection.request("POST", address.path, headers=headers)
    made = connection.getresponse()
    made.read()
    if made.status != 201:
        raise OSError(f"status {made.status}")
    place = urlsplit(made.headers["Location"]).path
    with file.open("rb") as body:
        connection.request(
            "PATCH",
            place,
            body=body,
            headers={
                "Tus-Resumable": "1.0.0",
                "Upload-Offset": "0",
                "Content-Length": str(size),
                "Content-Type": "application/offset+octet-stream",
            },
        )
        done = connection.getresponse()
    done.read()
    if done.status != 204:
        raise OSError(f"status {done.status}")
