"""What is known of a source: plain data that a database row can hold."""

from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True)
class Picture:
    """The video stream of a source.

    `width` × `height` is as shown: after square pixels and rotation. `bitrate` is in
    bits/s (0: unknown). `key_gap` is the longest time between key frames in seconds,
    None where nobody had to know or where a copy would not start cleanly.
    """

    index: int
    codec: str
    profile: str
    pixel_format: str
    width: int
    height: int
    coded_width: int
    coded_height: int
    rotation: int
    square: bool
    fps: Fraction
    bitrate: int
    transfer: str
    interlaced: bool
    key_gap: float | None = None

    @property
    def short_side(self) -> int:
        return min(self.width, self.height)

    @property
    def pixels(self) -> int:
        return self.coded_width * self.coded_height

    @property
    def is_hdr(self) -> bool:
        """PQ or HLG: it looks grey on a plain screen unless tone-mapped."""
        return self.transfer in {"smpte2084", "arib-std-b67"}

    @property
    def is_rgb(self) -> bool:
        return self.pixel_format.startswith(("rgb", "bgr", "gbr", "argb", "abgr", "pal8", "0rgb"))


@dataclass(frozen=True)
class Sound:
    """The audio stream of a source that will be heard; `rate` in Hz."""

    index: int
    codec: str
    channels: int
    rate: int


@dataclass(frozen=True)
class Probe:
    """A source that can be opened: container, length in seconds, size in bytes, streams."""

    demuxer: str
    size: int
    duration: float
    picture: Picture | None
    sound: Sound | None

    def to_json(self) -> Json:
        """Values a JSON column takes; `from_json` gives an equal probe back."""
        made = asdict(self)
        if self.picture:
            made["picture"]["fps"] = str(self.picture.fps)
        return made

    @classmethod
    def from_json(cls, data: Json) -> "Probe":
        picture, sound = data["picture"], data["sound"]
        if picture:
            picture = Picture(**{**picture, "fps": Fraction(picture["fps"])})
        return cls(**{**data, "picture": picture, "sound": Sound(**sound) if sound else None})
