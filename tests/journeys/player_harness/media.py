"""A short film made by ffmpeg for the player's journeys: three rungs, sound, sprites, captions."""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

SECONDS = 30
CODECS = 'CODECS="avc1.42c01f,mp4a.40.2"'
SEGMENT = 2
RATE = 12  # pictures a second
RUNGS = ((426, 240, "250k"), (640, 360, "600k"), (1280, 720, "1500k"))
FAST = ("-movflags", "+faststart")
TILE = (160, 90)
TILES_EVERY = 3  # seconds


@dataclass(frozen=True)
class Film:
    """`folder` is laid out like a published video: master, renditions, progressive, storyboard."""

    folder: Path
    seconds: int = SECONDS


def make(folder: Path) -> Film:
    """Encode once per test session; a film already in the folder is taken as it is."""
    if not (folder / "storyboard.vtt").exists():
        folder.mkdir(parents=True, exist_ok=True)
        _encode(folder)
        _write_master(folder)
        _ffmpeg("-i", "v720.mp4", "-i", "a.mp4", "-c", "copy", *FAST, "progressive.mp4", cwd=folder)
        _ffmpeg("-ss", "9", "-i", "v720.mp4", "-frames:v", "1", "poster.jpg", cwd=folder)
        _write_storyboard(folder)
        _write_captions(folder)
    return Film(folder)


def _encode(folder: Path) -> None:
    """One fragmented MP4 per rendition with byte ranges, as the product packages them."""
    picture = (
        f"gradients=s=160x90:r={RATE}:d={SECONDS}:c0=0x123a4a:c1=0x2f8f9d:c2=0xe8b04a:c3=0x0b1a24"
        ":n=4:speed=0.05,scale=1280:720:flags=fast_bilinear"
    )
    sound = f"sine=frequency=330:duration={SECONDS}:sample_rate=48000,volume=0.1"
    scales = ";".join(f"[p{height}]scale={width}:{height}[o{height}]" for width, height, _ in RUNGS)
    split = f"{picture},split={len(RUNGS)}" + "".join(f"[p{height}]" for _, height, _ in RUNGS)
    command = ["-filter_complex", f"{split};{scales};{sound}[s]"]
    hls = ["-f", "hls", "-hls_time", str(SEGMENT), "-hls_playlist_type", "vod"]
    hls += ["-hls_segment_type", "fmp4", "-hls_flags", "single_file"]
    gop = str(RATE * SEGMENT)
    for _, height, rate in RUNGS:
        x264 = ["-c:v", "libx264", "-preset", "ultrafast", "-b:v", rate, "-g", gop]
        x264 += ["-keyint_min", gop, "-sc_threshold", "0", "-pix_fmt", "yuv420p"]
        named = ["-hls_segment_filename", f"v{height}.mp4", f"v{height}.m3u8"]
        command += ["-map", f"[o{height}]", *x264, *hls, *named]
    command += ["-map", "[s]", "-c:a", "aac", "-b:a", "96k", *hls]
    command += ["-hls_segment_filename", "a.mp4", "a.m3u8"]
    _ffmpeg(*command, cwd=folder)


def _write_master(folder: Path) -> None:
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS"]
    lines += ['#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="sound",NAME="Original",DEFAULT=YES,URI="a.m3u8"']
    for width, height, rate in RUNGS:
        bits = int(rate.removesuffix("k")) * 1200
        lines += [
            f'#EXT-X-STREAM-INF:BANDWIDTH={bits},{CODECS},RESOLUTION={width}x{height},AUDIO="sound"',
            f"v{height}.m3u8",
        ]
    (folder / "master.m3u8").write_text("\n".join(lines) + "\n")
    only_sound = '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=96000,CODECS="mp4a.40.2"\na.m3u8\n'
    (folder / "sound.m3u8").write_text(only_sound)


def _write_storyboard(folder: Path) -> None:
    width, height = TILE
    sprite = f"fps=1/{TILES_EVERY},scale={width}:{height},tile=5x2"
    _ffmpeg("-i", "v240.mp4", "-vf", sprite, "-frames:v", "1", "storyboard.jpg", cwd=folder)
    cues = ["WEBVTT", ""]
    for number, start in enumerate(range(0, SECONDS, TILES_EVERY)):
        x, y = number % 5 * width, number // 5 * height
        end = start + TILES_EVERY
        cues += [f"00:00:{start:02}.000 --> 00:00:{end:02}.000"]
        cues += [f"storyboard.jpg#xywh={x},{y},{width},{height}", ""]
    (folder / "storyboard.vtt").write_text("\n".join(cues))


def _write_captions(folder: Path) -> None:
    for language, word in (("en", "Second"), ("es", "Segundo")):
        cues = [
            f"00:00:{second:02}.000 --> 00:00:{second + 2:02}.000\n{word} {second}\n"
            for second in range(0, SECONDS, 2)
        ]
        (folder / f"{language}.vtt").write_text("WEBVTT\n\n" + "\n".join(cues))


def grown(playlist: str, seconds: float) -> str:
    """The playlist of a video of which only the first `seconds` are encoded: EVENT, no end."""
    lines: list[str] = []
    total = 0.0
    for line in playlist.replace("#EXT-X-PLAYLIST-TYPE:VOD", "#EXT-X-PLAYLIST-TYPE:EVENT").split(
        "\n"
    ):
        if length := re.match(r"#EXTINF:([\d.]+)", line):
            total += float(length[1])
            if total > seconds:
                return "\n".join(lines) + "\n"
        lines.append(line)
    return "\n".join(lines)


def _ffmpeg(*words: str, cwd: Path) -> None:
    quiet = ["ffmpeg", "-hide_banner", "-loglevel", "error", "-nostdin", "-y"]
    subprocess.run([*quiet, *words], cwd=cwd, check=True, timeout=120)
