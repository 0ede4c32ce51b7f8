"""Hostile files: each ends published or with a sentence, within a bound, and reaches nothing."""

import socket
import struct
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.report import note, report
from script.drills import films
from script.drills.client import Refused
from script.drills.rig import Rig, running
from script.shell import must

END_WITHIN = 240.0
SECRET = "a neighbour's secret"  # noqa: S105 - bait, looked for in what comes out
HOSTILE_NAME = "te[s]t_ video %'\"\\n.mp4"

Maker = Callable[[Path, int], None]


def main() -> int:
    with tempfile.TemporaryDirectory() as folder, _trap() as (port, visits), running() as rig:
        home = Path(folder)
        (home / "bait.txt").write_text(SECRET)
        good = films.draw(home / "good.mp4", seconds=3)
        keys = {}
        for name, make in _makers(good, home).items():
            file = home / name / HOSTILE_NAME
            file.parent.mkdir()
            make(file, port)
            keys[name] = _offer(rig, name, file)
        taken = {name: key for name, key in keys.items() if key}
        began = time.monotonic()
        rig.until(lambda: all(map(rig.ended, taken.values())), END_WITHIN, "every input ends")
        fine = _judge(rig, taken, visits, time.monotonic() - began)
        last = rig.client.upload(good)
        rig.until(lambda: rig.ended(last), END_WITHIN, "a good film after all that ends")
        fine.append(report("a good film afterwards", float(rig.state(last) == "published"), 1))
    return int(not all(fine))


def _judge(rig: Rig, taken: dict[str, str], visits: list[str], seconds: float) -> list[bool]:
    silent = 0
    for name, key in taken.items():
        film = rig.client.film(key)
        note(name, f"{film['state']} {film['failure'] or film['warning']}")
        silent += film["state"] == "failed" and not film["failure"]
    must_fail = {"zero bytes", "text", "hls playlist", "concat", "data playlist", "huge frame"}
    wrong = [name for name in must_fail & set(taken) if rig.state(taken[name]) != "failed"]
    blocks = rig.folder / "blocks"
    leaked = [path for path in blocks.rglob("*") if path.is_file() and _holds_secret(path)]
    return [
        report("failures without a sentence", silent, 0, "lower"),
        report("published though they are no films", len(wrong), 0, "lower"),
        report("visits to our trap on the network", len(visits), 0, "lower"),
        report("blocks that hold a neighbour's file", len(leaked), 0, "lower"),
        report("seconds until all had ended", seconds, END_WITHIN, "lower"),
        report("errors in the log of the servers", _tracebacks(rig), 0, "lower"),
    ]


def _holds_secret(path: Path) -> bool:
    return SECRET.encode() in path.read_bytes()


def _tracebacks(rig: Rig) -> int:
    return rig.log.read_text(errors="replace").count("Traceback (most recent call last)")


def _offer(rig: Rig, name: str, file: Path) -> str:
    """The film's key, "" where the file was refused before a byte was taken."""
    try:
        return rig.client.upload(file)
    except Refused as refusal:
        note(name, f"refused: {refusal}")
        return ""


def _makers(good: Path, home: Path) -> dict[str, Maker]:
    whole = good.read_bytes()
    bait = home / "bait.txt"
    return {
        "zero bytes": lambda file, _port: file.touch(),
        "text": lambda file, _port: _write(file, "This is no film. " * 500),
        "truncated": lambda file, _port: _write(file, whole[: len(whole) // 3]),
        "holes": lambda file, _port: _write(file, _with_holes(whole)),
        "hls playlist": lambda file, port: _write(
            file,
            f"#EXTM3U\n#EXTINF:5,\nhttp://127.0.0.1:{port}/a.ts\n#EXTINF:5,\nfile://{bait}\n",
        ),
        "concat": lambda file, _port: _write(file, f"ffconcat version 1.0\nfile {bait}\n"),
        "data playlist": lambda file, port: _write(
            file,
            f'#EXTM3U\n#EXT-X-MAP:URI="data:text/plain,x"\n#EXTINF:1,\ntcp://127.0.0.1:{port}\n',
        ),
        "polyglot": lambda file, _port: _write(
            file, whole + b"PK\x03\x04<script>alert(1)</script>"
        ),
        "huge frame": lambda file, _port: _write(file, _huge_png()),
        "one pixel, ten hours": lambda file, _port: _long(file),
        "broken timestamps": lambda file, _port: _backwards(file, good),
    }


def _write(file: Path, content: str | bytes) -> None:
    file.write_bytes(content.encode() if isinstance(content, str) else content)


def _with_holes(whole: bytes) -> bytes:
    """Every seventh block of the second half is zeroes."""
    size, start = 512, len(whole) // 2
    torn = bytearray(whole)
    for at in range(start, len(torn) - size, 7 * size):
        torn[at : at + size] = bytes(size)
    return bytes(torn)


def _huge_png() -> bytes:
    """The head of a picture of 16 384 × 16 384 pixels, and a body that never comes."""
    head = struct.pack(">IIBBBBB", 16384, 16384, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + head + bytes(2000)


def _long(file: Path) -> None:
    source = ["-f", "lavfi", "-i", "color=size=16x16:rate=1/600:duration=36000"]
    codec = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-f", "mp4"]
    must(["ffmpeg", "-v", "error", "-y", *source, *codec, f"file:{file}"])


def _backwards(file: Path, good: Path) -> None:
    """Packets whose times jump to and fro."""
    jump = "setts=ts='if(mod(N,5),PTS,PTS-40000)'"
    must(
        [
            "ffmpeg",
            "-v",
            "error",
            "-y",
            "-i",
            good,
            "-c",
            "copy",
            "-bsf:v",
            jump,
            "-f",
            "matroska",
            f"file:{file}",
        ]
    )


@contextmanager
def _trap() -> Iterator[tuple[int, list[str]]]:
    """A listener nobody should ever reach; gives its port and who came."""
    visits: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.2)
        over = threading.Event()
        watcher = threading.Thread(target=_watch, args=(listener, visits, over))
        watcher.start()
        try:
            yield listener.getsockname()[1], visits
        finally:
            over.set()
            watcher.join()


def _watch(listener: socket.socket, visits: list[str], over: threading.Event) -> None:
    while not over.is_set():
        try:
            visitor, address = listener.accept()
        except TimeoutError:
            continue
        visits.append(str(address))
        visitor.close()


if __name__ == "__main__":
    sys.exit(main())
