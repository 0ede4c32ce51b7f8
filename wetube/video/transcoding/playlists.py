"""Writes HLS playlists (RFC 8216, and bis for the I-frame ones) from indexed fragments."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from wetube.video.transcoding.fragments import Fragment, Header
from wetube.video.transcoding.plan import SEGMENT

GROUP = "sound"


@dataclass(frozen=True)
class Variant:
    """One line of a master playlist; bandwidths in bits/s, `rate` None for sound."""

    uri: str
    header: Header
    peak: int
    average: int
    rate: Fraction | None = None
    key_peak: int = 0

    @property
    def iframes_uri(self) -> str:
        return self.uri.replace(".m3u8", "-i.m3u8")


def media(uri: str, header: Header, fragments: Sequence[Fragment]) -> str:
    """A finished rendition in one file: every segment is a range of its bytes."""
    lines = _head("VOD", (fragment.duration for fragment in fragments))
    lines.append(f'#EXT-X-MAP:URI="{uri}",BYTERANGE="{header.length}@0"')
    for fragment in fragments:
        lines += _ranged(uri, fragment.duration, fragment.length, fragment.offset)
    return _text([*lines, "#EXT-X-ENDLIST"])


def iframes(uri: str, header: Header, fragments: Sequence[Fragment]) -> str:
    """The key frames alone, one a segment, for fast seeking."""
    lines = _head("VOD", (fragment.duration for fragment in fragments))
    lines.append("#EXT-X-I-FRAMES-ONLY")
    lines.append(f'#EXT-X-MAP:URI="{uri}",BYTERANGE="{header.length}@0"')
    for fragment in fragments:
        lines += _ranged(uri, fragment.duration, fragment.key_length, fragment.offset)
    return _text([*lines, "#EXT-X-ENDLIST"])


def event(
    init: str, segments: Iterable[tuple[str, float]], *, ended: bool, longest: float = SEGMENT
) -> str:
    """A growing rendition of separate files, as (URI, seconds); `ended` closes it for good.

    `longest` is the most seconds any segment to come will have: a player may rely on it.
    """
    listed = list(segments)
    lines = _head("EVENT", [longest, *(seconds for _, seconds in listed)])
    lines.append(f'#EXT-X-MAP:URI="{init}"')
    for uri, seconds in listed:
        lines += [f"#EXTINF:{seconds:.6f},", uri]
    return _text([*lines, "#EXT-X-ENDLIST"] if ended else lines)


def master(pictures: Sequence[Variant], sound: Variant | None, *, key_frames: bool) -> str:
    """All renditions, the lightest first so that players without a guess start at once."""
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS"]
    if sound and pictures:
        named = f'TYPE=AUDIO,GROUP-ID="{GROUP}",NAME="Original",DEFAULT=YES,AUTOSELECT=YES'
        lines.append(f'#EXT-X-MEDIA:{named},CHANNELS="2",URI="{sound.uri}"')
    for variant in sorted(pictures, key=lambda variant: variant.peak):
        lines += [_stream(variant, sound), variant.uri]
    if sound:
        lines += [_stream(sound, None, grouped=bool(pictures)), sound.uri]
    if key_frames:
        lines += [_key_stream(variant) for variant in pictures]
    return _text(lines)


def bandwidth(fragments: Sequence[Fragment]) -> tuple[int, int]:
    """Peak and average bits/s of what is there.

    The peak is over neighbours that together last at least half a target duration, as
    the RFC defines it, so that a last segment of one frame does not count.
    """
    length = sum(fragment.length for fragment in fragments)
    seconds = sum(fragment.duration for fragment in fragments)
    average = math.ceil(length * 8 / seconds) if seconds else 0
    peak, first, held, lasting = average, 0, 0, 0.0
    half = _target(fragment.duration for fragment in fragments) / 2
    for fragment in fragments:
        held, lasting = held + fragment.length, lasting + fragment.duration
        while lasting >= half:
            peak = max(peak, math.ceil(held * 8 / lasting))
            held, lasting = held - fragments[first].length, lasting - fragments[first].duration
            first += 1
    return peak, average


def key_bandwidth(fragments: Sequence[Fragment]) -> int:
    """Peak bits/s of the key frames alone."""
    rates = (each.key_length * 8 / each.duration for each in fragments if each.duration)
    return math.ceil(max(rates, default=0))


def _head(kind: str, durations: Iterable[float]) -> list[str]:
    return [
        "#EXTM3U",
        "#EXT-X-VERSION:7",
        f"#EXT-X-TARGETDURATION:{_target(durations)}",
        "#EXT-X-MEDIA-SEQUENCE:0",
        f"#EXT-X-PLAYLIST-TYPE:{kind}",
        "#EXT-X-INDEPENDENT-SEGMENTS",
    ]


def _target(durations: Iterable[float]) -> int:
    """Every segment, rounded to the nearest second, must not be longer than this."""
    return max(1, math.floor(max(durations, default=SEGMENT) + 0.5))


def _ranged(uri: str, seconds: float, length: int, offset: int) -> list[str]:
    return [f"#EXTINF:{seconds:.6f},", f"#EXT-X-BYTERANGE:{length}@{offset}", uri]


def _stream(variant: Variant, sound: Variant | None, *, grouped: bool = False) -> str:
    codecs = ",".join(each.header.codec for each in (variant, sound) if each)
    peak = variant.peak + (sound.peak if sound else 0)
    average = variant.average + (sound.average if sound else 0)
    fields = [f"BANDWIDTH={peak}", f"AVERAGE-BANDWIDTH={average}", f'CODECS="{codecs}"']
    if variant.rate is not None:
        fields.append(f"RESOLUTION={variant.header.width}x{variant.header.height}")
        fields.append(f"FRAME-RATE={float(variant.rate):.3f}")
    if sound or grouped:
        fields.append(f'AUDIO="{GROUP}"')
    return "#EXT-X-STREAM-INF:" + ",".join(fields)


def _key_stream(variant: Variant) -> str:
    size = f"{variant.header.width}x{variant.header.height}"
    fields = f'BANDWIDTH={variant.key_peak},CODECS="{variant.header.codec}",RESOLUTION={size}'
    return f'#EXT-X-I-FRAME-STREAM-INF:{fields},URI="{variant.iframes_uri}"'


def _text(lines: Sequence[str]) -> str:
    return "\n".join(lines) + "\n"
