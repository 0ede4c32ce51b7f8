"""The command lines of ffmpeg, built by ffmpeg-python; nobody else imports it."""

import os
from collections.abc import Callable, Sequence
from typing import Any

import ffmpeg

from wetube.video.transcoding.ladder import Rung
from wetube.video.transcoding.media import Picture
from wetube.video.transcoding.plan import SEGMENT, Piece, Plan
from wetube.video.transcoding.probe import input_options

RUN_IN = 12  # frames decoded before a piece, so that its first frame is the right one
AUDIO_RATE = 48_000
AUDIO_BITRATE = 128_000
ENCODER_DELAY = 1024  # samples ffmpeg's AAC encoder puts before the first one
GLOBAL = ("-hide_banner", "-nostdin", "-y", "-v", "info", "-nostats", "-progress", "pipe:1")
# Nothing of the source's metadata, and nothing of ours: no dates, no names, no versions.
ANONYMOUS = {
    "map_metadata": -1,
    "map_chapters": -1,
    "fflags": "+bitexact",
    "flags": "+bitexact",
}
FRAGMENTED = "+empty_moov+default_base_moof+cmaf+skip_trailer"
REGULAR = FRAGMENTED + "+frag_keyframe+negative_cts_offsets+frag_discont"

Stream = Any  # ffmpeg-python has no types
Builder = Callable[[str, str], list[str]]  # (program, source) to a command line


def encode(plan: Plan, piece: Piece, *, program: str, source: str) -> list[str]:
    """One decode of a piece into all its rungs and, where it is the piece's, the sound."""
    opened, outputs = open_source(plan, source, piece), []
    if piece.kind != "sound" and plan.encoded:
        outputs += _pictures(plan, piece, opened, plan.encoded)
    if piece.kind != "picture" and plan.source.sound:
        outputs.append(_sound(plan, opened))
    return compiled(outputs, program)


def opening(plan: Plan, *, frames: int, program: str, source: str) -> list[str]:
    """The first frames at the lowest rung, and a little more of the sound."""
    piece = Piece(0, "all", 0, frames)
    opened = open_source(plan, source, piece)
    lowest = plan.rungs[-1]
    outputs = _pictures(plan, piece, opened, [lowest])
    if plan.source.sound:
        outputs.append(_sound(plan, opened, float(plan.seconds(frames)) + SEGMENT))
    return compiled(outputs, program)


def copy(plan: Plan, rung: Rung, *, program: str, source: str) -> list[str]:
    """The source's own picture in fragments, without the notes that cameras hide in it."""
    picture = picture_of(plan)
    output = ffmpeg.output(
        open_source(plan, source, None)[str(picture.index)],
        f"v{rung.name}.mp4",
        **ANONYMOUS,
        **{"c:v": "copy", "bsf:v": "filter_units=remove_types=6"},
        format="mp4",
        movflags=FRAGMENTED + "+frag_keyframe+negative_cts_offsets",
        min_frag_duration=SEGMENT * 500_000,
        flush_packets=1,
    )
    return compiled([output], program)


def progressive(*, program: str, sources: Sequence[str]) -> list[str]:
    """One plain MP4 with its index in front, from finished renditions."""
    inputs = [ffmpeg.input(name, **input_options("mov")) for name in sources]
    output = ffmpeg.output(
        *inputs,
        "progressive.mp4",
        **ANONYMOUS,
        codec="copy",
        format="mp4",
        movflags="+faststart",
    )
    return compiled([output], program)


def storyboard(
    tile: tuple[int, int], grid: tuple[int, int], every: int, *, program: str, source: str
) -> list[str]:
    """Every n-th key frame, small, in a grid of columns × rows."""
    flow = ffmpeg.input(source, **input_options("mov"), skip_frame="nokey")["v:0"]
    flow = flow.filter("select", f"not(mod(n,{every}))").filter("scale", *tile)
    return compiled([_jpeg(flow.filter("tile", f"{grid[0]}x{grid[1]}"))], program)


def still(seconds: float | None, *, program: str, source: str) -> list[str]:
    """The frame at that second of a cut; None takes the most typical of its frames."""
    at = {} if seconds is None else {"ss": f"{seconds:.3f}"}
    flow = ffmpeg.input(source, **input_options("mov"), **at)["v:0"]
    flow = flow.filter("thumbnail", 300) if seconds is None else flow.filter("null")
    return compiled([_jpeg(flow)], program)


def _jpeg(flow: Stream) -> Stream:
    quality = {"q:v": 4, "frames:v": 1, "c:v": "mjpeg", "pix_fmt": "yuvj420p"}
    bound = {**ANONYMOUS, **quality, "fps_mode": "passthrough"}
    return ffmpeg.output(flow, "still.jpg", **bound, format="image2", update=1)


def open_source(plan: Plan, source: str, piece: Piece | None) -> Stream:
    options: dict[str, Any] = dict(input_options(plan.source.demuxer))
    if piece and piece.first_frame:
        options["ss"] = f"{float(plan.seconds(piece.first_frame - RUN_IN)):.6f}"
    if piece and piece.frames is not None:
        options["t"] = f"{float(plan.seconds(piece.frames + RUN_IN)) + SEGMENT + 1:.6f}"
    if piece and piece.kind != "sound":
        # A frame size that changes on the way is scaled back, not a reason to start over.
        options["reinit_filter"] = 0
    return ffmpeg.input(source, **options)


def _pictures(plan: Plan, piece: Piece, opened: Stream, rungs: Sequence[Rung]) -> list[Stream]:
    flow = prepared(plan, piece, opened[str(picture_of(plan).index)], rungs[0])
    outputs = []
    for number, rung in enumerate(rungs):
        if number:
            flow = flow.filter("scale", rung.width, rung.height, flags="bicubic")
            flow = flow.filter("setsar", "1")
        if rung is not rungs[-1]:
            both = flow.filter_multi_output("split")
            flow, mine = both[0], both[1]
        else:
            mine = flow
        outputs.append(_rendition(plan, piece, mine, rung))
    return outputs


def prepared(plan: Plan, piece: Piece, flow: Stream, top: Rung) -> Stream:
    """Progressive, square, upright, 8-bit 4:2:0 frames of the top rung at a constant rate."""
    picture = picture_of(plan)
    if picture.interlaced:
        flow = flow.filter("scale", picture.coded_width, picture.coded_height)
        flow = flow.filter("bwdif", mode="send_frame")
    colours = {"out_color_matrix": "bt709"} if picture.is_rgb else {}
    if not plan.tone_mapped:
        colours["out_range"] = "tv"
    flow = flow.filter("scale", top.width, top.height, flags="bicubic", **colours)
    flow = flow.filter("setsar", "1")
    flow = flow.filter("fps", fps=str(plan.rate), start_time=0, round="near")
    if plan.tone_mapped:
        flow = _tone_mapped(flow, picture.transfer)
    flow = flow.filter("format", "yuv420p")
    if picture.is_rgb:
        named = {"color_primaries": "bt709", "color_trc": "bt709", "colorspace": "bt709"}
        flow = flow.filter("setparams", **named)
    lead = RUN_IN if piece.first_frame else 0
    flow = flow.filter("trim", start_frame=lead, end_frame=lead + frames_at_most(plan, piece))
    return flow.filter("setpts", "PTS-STARTPTS")


def _tone_mapped(flow: Stream, transfer: str) -> Stream:
    known = {"tin": transfer, "min": "bt2020nc", "pin": "bt2020", "rin": "tv"}
    flow = flow.filter("zscale", **known, t="linear", npl=100).filter("format", "gbrpf32le")
    flow = flow.filter("zscale", p="bt709").filter("tonemap", "hable", desat=0)
    return flow.filter("zscale", t="bt709", m="bt709", r="tv")


def frames_at_most(plan: Plan, piece: Piece) -> int:
    """A piece's frames; the last one may outlast the probe's word by a segment, not more."""
    if piece.frames is not None:
        return piece.frames
    return round(plan.length(piece) * float(plan.rate)) + plan.gop


def _rendition(plan: Plan, piece: Piece, flow: Stream, rung: Rung) -> Stream:
    gop = {"g": plan.gop, "keyint_min": plan.gop, "sc_threshold": 0}
    rate = {"crf": 23, "maxrate": rung.bitrate, "bufsize": 2 * rung.bitrate}
    return ffmpeg.output(
        flow,
        f"v{rung.name}.mp4",
        **ANONYMOUS,
        **{"c:v": "libx264", "preset": "veryfast", "profile:v": "high"},
        **gop,
        **rate,
        format="mp4",
        movflags=REGULAR,
        video_track_timescale=_timescale(plan),
        output_ts_offset=f"{float(plan.seconds(piece.first_frame)):.6f}",
        flush_packets=1,
    )


def _timescale(plan: Plan) -> int:
    """Ticks a second in which every frame is a whole number of them."""
    return plan.rate.numerator * (1000 if plan.rate.denominator == 1 else 1)


def _sound(plan: Plan, opened: Stream, seconds: float | None = None) -> Stream:
    """Stereo AAC whose first heard sample lies at zero, like the picture's first frame."""
    sound = plan.source.sound
    assert sound is not None  # noqa: S101 - callers ask first, for the type checker
    flow = opened[str(sound.index)]
    flow = flow.filter("aresample", AUDIO_RATE, **{"async": 1}, first_pts=0)
    flow = flow.filter("aformat", channel_layouts="stereo")
    ends = {"end": f"{seconds:.6f}"} if seconds else {}
    flow = flow.filter("atrim", start_sample=ENCODER_DELAY, **ends)
    return ffmpeg.output(
        flow,
        "a.mp4",
        **ANONYMOUS,
        **{"c:a": "aac", "b:a": AUDIO_BITRATE},
        format="mp4",
        movflags=FRAGMENTED,
        frag_duration=SEGMENT * 1_000_000,
        min_frag_duration=SEGMENT * 1_000_000,
        flush_packets=1,
    )


def picture_of(plan: Plan) -> Picture:
    assert plan.source.picture is not None  # noqa: S101 - a plan with rungs has a picture
    return plan.source.picture


def compiled(outputs: Sequence[Stream], program: str) -> list[str]:
    whole = ffmpeg.merge_outputs(*outputs) if len(outputs) > 1 else outputs[0]
    command: list[str] = whole.compile(cmd=[program, *GLOBAL])
    return [os.fspath(part) for part in command]
