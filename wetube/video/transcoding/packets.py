"""Counts the packets of one stream: its true length, its key frames, whether it can be copied."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from wetube.video.transcoding import binaries, sandbox
from wetube.video.transcoding.errors import TookTooLong
from wetube.video.transcoding.running import Watch, never, run

MOST_SECONDS = 300
MOST_PIXELS = 8192 * 4320


@dataclass
class Counted:
    """What the packets of a stream say; times in seconds.

    `starts_cleanly`: the first packet is a key frame shown at once, none is to be thrown
    away, decoding times only grow, and the count reached the end.
    """

    duration: float = 0.0
    bytes: int = 0
    packets: int = 0
    key_gap: float = 0.0
    starts_cleanly: bool = True
    first: float | None = None
    last_key: float | None = None
    last_decoded: float = float("-inf")

    def take(self, line: str) -> None:
        """One line of ffprobe: pts, dts, duration, size, flags."""
        fields = line.strip().rstrip("|,").split(",")
        if len(fields) < 5:
            return
        shown, decoded, length = (_number(text) for text in fields[:3])
        flags = fields[4]
        self.packets += 1
        self.bytes += int(_number(fields[3]) or 0)
        if shown is None or (decoded is not None and decoded <= self.last_decoded):
            self.starts_cleanly = False
        if "D" in flags:
            self.starts_cleanly = False
        self.last_decoded = decoded if decoded is not None else self.last_decoded
        if shown is not None:
            self._place(shown, length or 0.0, key="K" in flags)

    def _place(self, shown: float, length: float, *, key: bool) -> None:
        if self.first is None:
            self.first = self.last_key = shown
            if not key:
                self.starts_cleanly = False
        if key and self.last_key is not None:
            self.key_gap = max(self.key_gap, shown - self.last_key)
            self.last_key = shown
        self.duration = max(self.duration, shown + length - self.first)

    def close(self) -> None:
        """The last group of pictures has no key frame after it."""
        if self.first is not None and self.last_key is not None:
            self.key_gap = max(self.key_gap, self.first + self.duration - self.last_key)


def scan(
    path: Path,
    stream: int,
    *,
    work: Path,
    demuxer: str,
    cancelled: Callable[[], bool] = never,
) -> Counted:
    """Read every packet of one stream without decoding any; stops after five minutes."""
    tools, counted = binaries.find(), Counted()
    entries = "packet=pts_time,dts_time,duration_time,size,flags"
    limits = sandbox.Limits(memory=1 << 30, cpu=MOST_SECONDS, file_size=sandbox.MIB)
    options = ["-v", "error", "-select_streams", str(stream), "-show_entries", entries]
    options += ["-of", "csv=p=0", "-f", demuxer, "-format_whitelist", demuxer]
    options += ["-protocol_whitelist", "file", "-max_pixels", str(MOST_PIXELS)]
    with sandbox.enter(reads=[path], out=work, limits=limits, programs=[tools.ffprobe]) as box:
        command = [box.program(tools.ffprobe), *options, box.inputs[0]]
        try:
            run(box, command, Watch(counted.take, cancelled, seconds=MOST_SECONDS)).refuse()
        except TookTooLong:
            counted.starts_cleanly = False
    counted.close()
    return counted


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
