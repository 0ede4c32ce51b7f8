"""Decides what is made of a source, as plain data that lives in a database row."""

from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Literal

from wetube.video.transcoding import binaries, ladder
from wetube.video.transcoding.ladder import Rung
from wetube.video.transcoding.media import Json, Picture, Probe

SEGMENT = 4  # seconds of a segment and of a group of pictures, as near as whole frames allow
SEEKABLE = {"mov", "matroska"}  # containers whose index leads to the very frame asked for
PIECE = 240.0  # seconds of a piece, so that several workers share a long video

Kind = Literal["all", "picture", "sound"]


@dataclass(frozen=True)
class Piece:
    """A part of the work that one worker does in one run.

    A picture piece covers `frames` frames of the output from `first_frame` on (None: to
    the end) and starts at a segment's border. Sound is made in one go, because an
    encoder's run-in at each border would be heard.
    """

    index: int
    kind: Kind
    first_frame: int = 0
    frames: int | None = None

    @property
    def folder(self) -> str:
        return f"piece-{self.index:04}"


@dataclass(frozen=True)
class Plan:
    """The ladder, the common frame rate and the pieces of one video."""

    source: Probe
    rate: Fraction
    rungs: tuple[Rung, ...]
    pieces: tuple[Piece, ...]
    tone_mapped: bool
    warnings: tuple[str, ...]

    @property
    def gop(self) -> int:
        """Frames of a segment, equal in all encoded rungs."""
        return round(self.rate * SEGMENT)

    @property
    def encoded(self) -> tuple[Rung, ...]:
        return tuple(rung for rung in self.rungs if not rung.copied)

    @property
    def copied(self) -> Rung | None:
        return next((rung for rung in self.rungs if rung.copied), None)

    @property
    def lowest(self) -> Rung | None:
        """The rung that is playable first; None for sound alone."""
        return self.rungs[-1] if self.rungs else None

    @property
    def picture_pieces(self) -> tuple[Piece, ...]:
        return tuple(piece for piece in self.pieces if piece.kind != "sound")

    @property
    def sound_piece(self) -> Piece | None:
        """The piece whose folder will hold the sound; None for a silent video."""
        if self.source.sound is None:
            return None
        return next(piece for piece in self.pieces if piece.kind != "picture")

    def seconds(self, frames: int) -> Fraction:
        return frames / self.rate

    def length(self, piece: Piece) -> float:
        """Seconds of output that the probe promises for this piece."""
        if piece.kind == "sound":
            return self.source.duration
        if piece.frames is not None:
            return float(self.seconds(piece.frames))
        return max(0.0, self.source.duration - float(self.seconds(piece.first_frame)))

    def to_json(self) -> Json:
        """Values a JSON column takes; `from_json` gives an equal plan back."""
        return {
            "source": self.source.to_json(),
            "rate": str(self.rate),
            "rungs": [asdict(rung) for rung in self.rungs],
            "pieces": [asdict(piece) for piece in self.pieces],
            "tone_mapped": self.tone_mapped,
            "warnings": list(self.warnings),
        }

    @classmethod
    def from_json(cls, data: Json) -> "Plan":
        return cls(
            source=Probe.from_json(data["source"]),
            rate=Fraction(data["rate"]),
            rungs=tuple(Rung(**rung) for rung in data["rungs"]),
            pieces=tuple(Piece(**piece) for piece in data["pieces"]),
            tone_mapped=data["tone_mapped"],
            warnings=tuple(data["warnings"]),
        )


def plan(
    source: Probe,
    *,
    piece_seconds: float = PIECE,
    may_copy: bool = True,
    tools: binaries.Binaries | None = None,
) -> Plan:
    """The work for a source; `piece_seconds` ≤ 0 keeps it in one piece.

    So does a container that cannot be entered in the middle, such as a transport stream.
    """
    picture = source.picture
    if picture is None:
        return Plan(
            source, Fraction(SEGMENT), (), (Piece(0, "all"),), tone_mapped=False, warnings=()
        )
    tools = tools or binaries.find()
    rate = ladder.steady(picture.fps)
    tone_mapped = picture.is_hdr and tools.can_tone_map
    return Plan(
        source=source,
        rate=rate,
        rungs=ladder.rungs(picture, rate=rate, may_copy=may_copy),
        pieces=_pieces(source, rate, piece_seconds),
        tone_mapped=tone_mapped,
        warnings=_warnings(picture, tone_mapped=tone_mapped),
    )


def _pieces(source: Probe, rate: Fraction, piece_seconds: float) -> tuple[Piece, ...]:
    """Equal pieces of whole segments; the last goes to the end, wherever that is."""
    segments = max(1, round(piece_seconds / SEGMENT))
    frames = segments * round(rate * SEGMENT)
    divisible = piece_seconds > 0 and source.demuxer in SEEKABLE
    count = round(source.duration * rate / frames) if divisible else 1
    if count <= 1:
        return (Piece(0, "all"),)
    made = [Piece(number, "picture", number * frames, frames) for number in range(count - 1)]
    made.append(Piece(count - 1, "picture", (count - 1) * frames))
    if source.sound:
        made.append(Piece(count, "sound"))
    return tuple(made)


def _warnings(picture: Picture, *, tone_mapped: bool) -> tuple[str, ...]:
    if picture.is_hdr and not tone_mapped:
        return ("This ffmpeg has no zscale filter, so the HDR colours look pale.",)
    return ()
