"""ffmpeg sees its source, one folder and no network, and none of it outlives its caller."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from wetube.video.transcoding import Cancelled, TookTooLong, binaries, running, sandbox
from wetube.video.transcoding.sandbox import LEVELS, Level

SMALL = sandbox.Limits(memory=256 * sandbox.MIB, cpu=5, file_size=sandbox.MIB)


def works(level: Level) -> bool:
    return LEVELS.index(level) >= LEVELS.index(sandbox.level())


def needs(*levels: Level) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("level", [each for each in levels if works(each)])


def shell(script: str, level: Level, out: Path, *reads: Path, seconds: float = 20) -> str:
    """What a script inside says, with $IN for its first input."""
    heard: list[str] = []
    with sandbox.enter(reads=reads, out=out, limits=SMALL, at=level) as box:
        given = f"IN={box.inputs[0] if box.inputs else ''}; {script}"
        watch = running.Watch(heard.append, seconds=seconds)
        running.run(box, ["/bin/bash", "-c", f"exec 2>&1; {given}"], watch)
    return "\n".join(heard)


def test_the_level_is_known_and_the_same_each_time() -> None:
    assert sandbox.level() in LEVELS
    assert sandbox.level() == sandbox.level()


@needs(*LEVELS)
def test_it_reads_its_source_and_writes_its_folder(
    level: Level, tmp_path: Path, work: Path
) -> None:
    source = tmp_path / "te[s]t_ video %'\"\n.mp4"
    source.write_text("frames")

    assert shell('cat "$IN"; echo made > made.txt', level, work, source) == "frames"
    assert (work / "made.txt").read_text() == "made\n"


@needs("bubblewrap")
def test_it_sees_no_other_file(level: Level, tmp_path: Path, work: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the secret")
    source = tmp_path / "source"
    source.write_text("frames")
    tries = f"cat {secret}; cat /etc/passwd; cat {Path(__file__)}; ls /home /root /proc"

    said = shell(tries, level, work, source)

    assert "the secret" not in said
    assert said.count("No such file") >= 4


@needs(*LEVELS)
def test_it_cannot_write_its_source(level: Level, tmp_path: Path, work: Path) -> None:
    if level != "bubblewrap" and os.geteuid() == 0:
        pytest.skip("root may write its own files; only bubblewrap mounts them read-only")
    source = tmp_path / "source"
    source.write_text("frames")
    source.chmod(0o400)

    shell('echo gone > "$IN"', level, work, source)

    assert source.read_text() == "frames"


@needs("bubblewrap", "namespaces")
def test_it_reaches_no_listener_on_loopback(level: Level, work: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        port = server.getsockname()[1]
        knock = f"(echo hello > /dev/tcp/127.0.0.1/{port}) && echo reached"

        assert "reached" not in shell(knock, level, work)
        with pytest.raises(TimeoutError):
            server.accept()
        assert shell(knock, "limits", work) == "reached"  # the door itself was open


@needs("bubblewrap", "namespaces")
def test_it_sees_no_process_of_ours(level: Level, work: Path) -> None:
    assert "alive" not in shell(f"kill -0 {os.getpid()} && echo alive", level, work)


@needs(*LEVELS)
def test_memory_files_and_time_are_bounded(level: Level, work: Path) -> None:
    assert shell("ulimit -v; ulimit -f; ulimit -t; ulimit -c", level, work).split() == [
        str(256 * 1024), "1024", "5", "0",
    ]  # fmt: skip
    shell("head -c 4000000 /dev/zero > large.bin", level, work)
    assert (work / "large.bin").stat().st_size <= sandbox.MIB


@needs(*LEVELS)
def test_it_gains_no_privileges(level: Level, work: Path) -> None:
    if level == "bubblewrap":
        assert "1" in shell("setpriv --dump | grep -i no_new_privs", level, work)
    else:
        assert shell("grep NoNewPrivs /proc/self/status", level, work).split()[-1] == "1"


@needs(*LEVELS)
def test_cancelling_kills_every_process(level: Level, work: Path) -> None:
    mark = f"{987_000_000 + os.getpid()}"
    script = f"sleep {mark} & (sleep {mark} & sleep {mark}) & sleep {mark}"
    stop = threading.Event()
    threading.Timer(0.5, stop.set).start()

    watch = running.Watch(lambda _: None, stop.is_set, seconds=30)
    with sandbox.enter(reads=[], out=work, limits=SMALL, at=level) as box:
        stopped = partial(running.run, box, ["/bin/bash", "-c", script], watch)
        with pytest.raises(Cancelled):
            stopped()

    assert gone(mark)


@needs(*LEVELS)
def test_silence_and_slowness_end_a_run(level: Level, work: Path) -> None:
    with pytest.raises(TookTooLong, match="within 1 second"):
        shell("while echo; do sleep 0.1; done", level, work, seconds=1)
    watch = running.Watch(lambda _: None, seconds=30, silence=0.5)
    with sandbox.enter(reads=[], out=work, limits=SMALL, at=level) as box:
        silent = partial(running.run, box, ["/bin/bash", "-c", "sleep 20"], watch)
        with pytest.raises(TookTooLong, match="no progress"):
            silent()


@needs(*LEVELS)
def test_it_dies_with_its_caller(level: Level, work: Path) -> None:
    """kill -9 of the worker leaves no ffmpeg behind."""
    mark = f"{988_000_000 + os.getpid()}"
    # With limits alone only the program itself dies, and ffmpeg starts no other.
    script = f"exec sleep {mark}" if level == "limits" else f"sleep {mark} & sleep {mark}"
    program = f"""
from pathlib import Path
from wetube.video.transcoding import running, sandbox
with sandbox.enter(reads=[], out=Path({str(work)!r}), limits=sandbox.Limits(), at={level!r}) as box:
    running.run(box, ["/bin/bash", "-c", {script!r}], running.Watch(print))
"""
    caller = subprocess.Popen([sys.executable, "-c", program], cwd=Path.cwd())
    try:
        wait_for(lambda: not gone(mark, seconds=0))
    finally:
        os.kill(caller.pid, signal.SIGKILL)
        caller.wait()

    assert gone(mark)


def test_ffmpeg_is_found_with_what_it_can_do() -> None:
    tools = binaries.find()

    assert {"libx264", "aac"} <= tools.encoders
    assert {"scale", "fps", "split"} <= tools.filters


def test_a_wrong_setting_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("WETUBE_FFMPEG", str(tmp_path))
    binaries.find.cache_clear()
    try:
        with pytest.raises(binaries.FfmpegMissing, match="apt-get install ffmpeg"):
            binaries.find()
    finally:
        monkeypatch.undo()
        binaries.find.cache_clear()


def gone(mark: str, seconds: float = 5) -> bool:
    """Whether no process carries this mark in its command line (any more)."""
    deadline = time.monotonic() + seconds
    while True:
        if not any(mark in line for line in _sleepers()):
            return True
        if time.monotonic() >= deadline:
            return False
        time.sleep(0.05)


def _sleepers() -> list[str]:
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                line = (folder / "cmdline").read_bytes().decode(errors="replace")
            except OSError:
                continue
            if line.startswith("sleep\0"):
                found.append(line)
    return found


def wait_for(true: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)
