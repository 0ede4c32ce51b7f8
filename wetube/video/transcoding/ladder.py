"""The ladder: which rungs a source is worth, how large and at most how heavy each is."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from wetube.video.transcoding.media import Picture

# Short side in pixels and most bits a second, for up to 40 frames a second.
HEIGHTS = (
    (2160, 14_000_000),
    (1440, 8_000_000),
    (1080, 5_000_000),
    (720, 2_800_000),
    (480, 1_400_000),
    (240, 400_000),
)
STANDARD_RATES = (
    *(Fraction(rate) for rate in (60, 50, 48, 30, 25, 24, 15, 12, 10, 5)),
    *(Fraction(rate * 1000, 1001) for rate in (60, 30, 24)),
)
FASTEST, SLOWEST = 60, 5
LEAST_BITRATE = 100_000
COPY_GAP = 10.5  # seconds between key frames; x264's own default is 250 frames
THRIFTY = {"hevc", "vp9", "av1"}  # what these spend, H.264 spends more than once


@dataclass(frozen=True)
class Rung:
    """One recipe: its name in file names, its size, its most bits/s, copied or encoded."""

    name: str
    width: int
    height: int
    bitrate: int
    copied: bool = False

    @property
    def short_side(self) -> int:
        return min(self.width, self.height)


def rungs(picture: Picture, *, rate: Fraction, may_copy: bool) -> tuple[Rung, ...]:
    """From the tallest that is not above the source down; never upscaled.

    The tallest is copied where the source already is what we would make of it, unless it
    would be the only one: the lowest rung is always ours, its segments are regular.
    """
    sides = _sides(picture.short_side)
    made = [_rung(picture, side, rate) for side in sides]
    if may_copy and len(made) > 1 and fits(picture, made[0]):
        top = made[0]
        made[0] = Rung(top.name, picture.width, picture.height, picture.bitrate, copied=True)
    return tuple(made)


def steady(rate: Fraction) -> Fraction:
    """The constant frame rate for a source: a standard one where it is near, at most 60.

    Every answer makes four seconds a whole number of frames, or of 1001ths for NTSC.
    """
    if rate > FASTEST * Fraction(102, 100):
        rate /= -(-rate // FASTEST)
    rate = max(rate, Fraction(SLOWEST))
    near = min(STANDARD_RATES, key=lambda standard: abs(standard - rate))
    if abs(near - rate) / rate < Fraction(15, 1000):
        return near
    return Fraction(min(FASTEST, -(-rate // 1)))


def fits(picture: Picture, top: Rung) -> bool:
    """Whether the source can be published as it is: plain H.264 that starts and seeks well."""
    return (
        picture.codec == "h264"
        and picture.pixel_format == "yuv420p"
        and picture.rotation == 0
        and picture.square
        and not picture.interlaced
        and not picture.is_hdr
        and picture.width % 2 == picture.height % 2 == 0
        and picture.key_gap is not None
        and picture.key_gap <= COPY_GAP
        and picture.fps <= FASTEST
        and picture.bitrate <= 1.3 * _most(top.short_side, picture.fps)
        and top.short_side * Fraction(105, 100) >= picture.short_side
    )


def _sides(short: int) -> Sequence[int]:
    """Short sides; a source well between two rungs keeps its own size as the top one."""
    sides = [side for side, _ in HEIGHTS if side <= short * 1.05]
    tallest = HEIGHTS[0][0]
    if not sides or sides[0] * 1.15 < short < tallest:
        sides.insert(0, short // 2 * 2)
    return sides


def _rung(picture: Picture, side: int, rate: Fraction) -> Rung:
    short, long = picture.short_side, max(picture.width, picture.height)
    side = min(side, short // 2 * 2)
    length = max(2, round(Fraction(long * side, short * 2)) * 2)
    width, height = (side, length) if picture.width < picture.height else (length, side)
    most = _most(side, rate)
    if picture.bitrate:
        spent = picture.bitrate * (2.0 if picture.codec in THRIFTY else 1.05)
        most = min(most, max(int(spent), LEAST_BITRATE))
    return Rung(str(side), width, height, most)


def _most(side: int, rate: Fraction) -> int:
    """The cap of the nearest rung above, scaled down by area; half as much again over 40 fps."""
    above = min((rung for rung in HEIGHTS if rung[0] >= side), default=HEIGHTS[0])
    scaled = above[1] * min(1.0, (side / above[0]) ** 1.5)
    return int(scaled * (1.5 if rate > 40 else 1))
