"""Looks into an uploaded file, in the sandbox, and says what it is or why it is refused."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from wetube.video.transcoding import binaries, packets, sandbox, sniff
from wetube.video.transcoding.errors import BadMedia, TookTooLong
from wetube.video.transcoding.media import Picture, Probe, Sound
from wetube.video.transcoding.running import Watch, never, run

LONGEST = 12 * 3600  # seconds
MOST_PIXELS = 8192 * 4320
SMALLEST_SIDE = 8
MOST_STREAMS = 64
MOST_ANSWER = 4 << 20
LEAST_BITS = 300  # bits a second; less over a long time means invented timestamps
LONG = 600

Stream = dict[str, Any]


def probe(path: Path, *, work: Path, cancelled: Callable[[], bool] = never) -> Probe:
    """Read what the container says, and its packets where it says too little.

    `work` is a folder for the sandbox to stand in. Raises BadMedia with the reason,
    Cancelled, or FfmpegMissing.
    """
    demuxer = sniff.sniff(path)
    answer = _ask(path, work, demuxer, cancelled)
    streams = answer.get("streams", [])
    if len(streams) > MOST_STREAMS:
        raise BadMedia(
            f"The file holds {len(streams)} streams; {MOST_STREAMS} is the most we take."
        )
    found = Probe(
        demuxer=demuxer,
        size=path.stat().st_size,
        duration=_seconds(answer.get("format", {}).get("duration")),
        picture=_picture(streams),
        sound=_sound(streams),
    )
    if found.picture is None and found.sound is None:
        raise BadMedia("There is neither picture nor sound in this file.")
    if found.picture:
        _check_size(found.picture)
    found = _complete(found, path, work, cancelled)
    _check_length(found)
    return found


def input_options(demuxer: str) -> dict[str, str | int]:
    """What every opening of a stranger's file is bound to: one demuxer, no protocol but file."""
    return {
        "format": demuxer,
        "format_whitelist": demuxer,
        "protocol_whitelist": "file",
        "max_pixels": MOST_PIXELS,
    }


def _ask(path: Path, work: Path, demuxer: str, cancelled: Callable[[], bool]) -> dict[str, Any]:
    tools, text, length = binaries.find(), list[str](), 0

    def keep(line: str) -> None:
        nonlocal length
        length += len(line)
        if length > MOST_ANSWER:
            raise BadMedia("The file describes itself at too great a length.")
        text.append(line)

    limits = sandbox.Limits(memory=1 << 30, cpu=30, file_size=sandbox.MIB)
    shown = ["-v", "error", "-show_format", "-show_streams", "-of", "json"]
    with sandbox.enter(reads=[path], out=work, limits=limits, programs=[tools.ffprobe]) as box:
        command = [box.program(tools.ffprobe), *shown, *_as_arguments(demuxer), box.inputs[0]]
        try:
            done = run(box, command, Watch(keep, cancelled, seconds=60))
        except TookTooLong as error:
            raise BadMedia("Looking into this file takes too long.") from error
    done.refuse()
    try:
        answer = json.loads("\n".join(text))
    except ValueError:
        answer = {}
    if done.code or not isinstance(answer, dict) or not answer.get("streams"):
        raise BadMedia(_why(done.log))
    return answer


def _as_arguments(demuxer: str) -> list[str]:
    options = input_options(demuxer)
    return [part for name, value in options.items() for part in (_flag(name), str(value))]


def _flag(name: str) -> str:
    return "-f" if name == "format" else f"-{name}"


def _why(log: str) -> str:
    if "moov atom not found" in log:
        return "The end of this file is missing: its index was never written. Upload it again."
    return "This file is damaged or is not what it claims to be: nothing in it can be read."


def _picture(streams: Sequence[Stream]) -> Picture | None:
    for stream in streams:
        cover = stream.get("disposition", {}).get("attached_pic")
        if stream.get("codec_type") == "video" and not cover and stream.get("codec_name"):
            return _described(stream)
    return None


def _described(stream: Stream) -> Picture:
    width, height = int(stream.get("width", 0)), int(stream.get("height", 0))
    aspect = _fraction(stream.get("sample_aspect_ratio", "1:1").replace(":", "/")) or Fraction(1)
    if not Fraction(1, 10) <= aspect <= 10:
        aspect = Fraction(1)
    shown = round(width * aspect), height
    rotation = _rotation(stream)
    if rotation % 180:
        shown = shown[1], shown[0]
    return Picture(
        index=int(stream["index"]),
        codec=stream["codec_name"],
        profile=str(stream.get("profile", "")),
        pixel_format=stream.get("pix_fmt", ""),
        width=shown[0],
        height=shown[1],
        coded_width=width,
        coded_height=height,
        rotation=rotation,
        square=aspect == 1,
        fps=_frame_rate(stream),
        bitrate=int(_seconds(stream.get("bit_rate"))),
        transfer=stream.get("color_transfer", ""),
        interlaced=stream.get("field_order", "") in {"tt", "bb", "tb", "bt"},
    )


def _rotation(stream: Stream) -> int:
    """Degrees, as ffmpeg turns the frames by itself; only quarter turns swap the sides."""
    turns = [side.get("rotation") for side in stream.get("side_data_list", [])]
    return next((round(float(turn)) for turn in turns if turn is not None), 0) % 360


def _frame_rate(stream: Stream) -> Fraction:
    """The stream's own mean rate; its base rate where the mean is unknown or senseless."""
    mean = _fraction(stream.get("avg_frame_rate", ""))
    base = _fraction(stream.get("r_frame_rate", ""))
    if base and mean and base <= 240 and abs(base - mean) / base < Fraction(3, 100):
        return base
    for rate in (mean, base):
        if rate and Fraction(1, 1000) <= rate <= 1000:
            return rate
    return Fraction(30)


def _sound(streams: Sequence[Stream]) -> Sound | None:
    heard = [
        stream
        for stream in streams
        if stream.get("codec_type") == "audio"
        and stream.get("codec_name")
        and int(stream.get("channels", 0)) > 0
        and int(stream.get("sample_rate", 0)) > 0
    ]
    # The stream a player would choose; otherwise the first.
    heard.sort(key=lambda stream: not stream.get("disposition", {}).get("default"))
    if not heard:
        return None
    first = heard[0]
    channels, rate = int(first["channels"]), int(first["sample_rate"])
    return Sound(int(first["index"]), first["codec_name"], channels, rate)


def _check_size(picture: Picture) -> None:
    width, height = picture.coded_width, picture.coded_height
    if not width or not height:  # ffprobe drops a size above max_pixels
        raise BadMedia("The picture has no size, or one larger than the 8192×4320 we take.")
    if min(width, height, picture.short_side) < SMALLEST_SIDE:
        raise BadMedia(f"The picture is {width}×{height}: too small to watch.")
    if width * height > MOST_PIXELS or max(picture.width, picture.height) > 16384:
        raise BadMedia(f"The picture is {width}×{height}: larger than the 8192×4320 we take.")


def _complete(found: Probe, path: Path, work: Path, cancelled: Callable[[], bool]) -> Probe:
    """Count packets where the container keeps its length to itself or a copy is thinkable."""
    picture = found.picture
    thinkable = picture is not None and picture.codec == "h264" and picture.rotation == 0
    if found.duration > 0 and not thinkable:
        return found
    index = picture.index if picture else found.sound.index if found.sound else 0
    counted = packets.scan(path, index, work=work, demuxer=found.demuxer, cancelled=cancelled)
    duration = found.duration or counted.duration
    if picture and thinkable:
        rate = picture.bitrate or int(counted.bytes * 8 / counted.duration if duration else 0)
        gap = counted.key_gap if counted.starts_cleanly else None
        picture = replace(picture, key_gap=gap, bitrate=rate)
    return replace(found, duration=duration, picture=picture)


def _check_length(found: Probe) -> None:
    if found.duration <= 0:
        raise BadMedia("There is not one moment of picture or sound in this file.")
    if found.duration > LONGEST:
        hours = found.duration / 3600
        raise BadMedia(f"The file says it lasts {hours:.0f} hours; {LONGEST // 3600} is the most.")
    if found.duration > LONG and found.size * 8 / found.duration < LEAST_BITS:
        raise BadMedia(
            f"The file says it lasts {found.duration / 60:.0f} minutes but holds only"
            f" {found.size} bytes: its timestamps are broken."
        )


def _seconds(value: object) -> float:
    """A number of ffprobe, which prints N/A, nothing or infinity as it likes."""
    try:
        number = float(str(value))
    except ValueError:
        return 0.0
    return number if 0 < number < 1e12 else 0.0


def _fraction(text: str) -> Fraction | None:
    try:
        return Fraction(text)
    except (ValueError, ZeroDivisionError):
        return None
