"""A whole WeTube for one drill: its tree of processes, and a program that uses it as a client."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from script import media_tools
from script.drills import rows
from script.drills.client import Client
from script.drills.processes import descendants, words_of
from script.shell import PYTHON, ROOT

MARKS = {
    "site": "wetube.asgi:site",
    "gateway": "wetube.asgi:gateway",
    "worker": "worker@",
    "media": "media@",
    "beat": "--schedule",
    "broker": "valkey-server",
    "chain": "-m wetube.cloudchain",
}
START_WITHIN = 120.0
JOIN = """
import json
from wetube.people import joining, phrases, tokens
user, _ = joining.join(name="drill", words=phrases.new())
_, secret = tokens.mint(user, name="drill", scopes=list(tokens.SCOPES))
print(json.dumps(secret))
"""


class DrillFailed(Exception):
    """What the drill needs to begin with did not come about."""


class Rig:
    """One running WeTube on its own data folder and ports."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.ports = (_free_port(), _free_port())
        self.log = folder.parent / f"{folder.name}.log"
        self._settings = settings
        self._up: subprocess.Popen[bytes] | None = None
        self.client = Client(*self.ports, token="")

    def start(self) -> None:
        """Returns when site and gateway answer."""
        site, gateway = map(str, self.ports)
        with self.log.open("ab") as log:
            self._up = subprocess.Popen(  # noqa: S603 - our own command
                [PYTHON, "manage.py", "up", "--port", site, "--gateway-port", gateway],
                cwd=ROOT,
                env=self._environment(),
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
            )
        self.until(self.client.is_served, START_WITHIN, "site and gateway answer")

    def join(self) -> None:
        """A person of our own, with a token for everything."""
        self.client = Client(*self.ports, token=str(json.loads(self.shell(JOIN))))

    def stop(self) -> float:
        """Ask it to stop; returns the seconds it took."""
        began = time.monotonic()
        if self._up and self._up.poll() is None:
            self._up.send_signal(signal.SIGTERM)
            self._up.wait(60)
        return time.monotonic() - began

    def kill_tree(self) -> list[int]:
        """kill -9 of `manage.py up` itself; returns the processes it had."""
        below = descendants(self._pid)
        os.kill(self._pid, signal.SIGKILL)
        if self._up:
            self._up.wait()
        return below

    def kill(self, name: str) -> bool:
        """kill -9 of one part's program (or of every ffmpeg); False if it was not there."""
        found = self.processes(name)
        for pid in found:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return bool(found)

    def processes(self, name: str) -> list[int]:
        """A part's own program, without its leash and what it started; or each ffmpeg."""
        everything = descendants(self._pid)
        if name == "ffmpeg":
            return [pid for pid in everything if _program(pid) in {"ffmpeg", "ffprobe"}]
        fitting = [pid for pid in everything if MARKS[name] in words_of(pid)]
        return [pid for pid in fitting if "leash.py" not in words_of(pid)][:1]

    def shell(self, code: str) -> str:
        """Run code in the site's own shell, beside the running tree."""
        return self.manage("shell", "--no-imports", "--command", code)

    def manage(self, *words: str) -> str:
        """Run one of the site's commands beside the running tree; raises DrillFailed."""
        done = subprocess.run(  # noqa: S603 - our own command
            [PYTHON, "manage.py", *words],
            cwd=ROOT,
            env=self._environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise DrillFailed(done.stderr)
        return done.stdout

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Look into the database beside the running site, each `?` being one of the values."""
        if url := self._settings.get("DATABASE_URL"):
            return rows.of_postgres(url, query, values)
        return rows.of_sqlite(self.folder / "wetube.sqlite3", query, values)

    def state(self, key: str) -> str:
        return str(self.rows("SELECT state FROM video_video WHERE key = ?", key)[0][0])

    def ended(self, key: str) -> bool:
        return self.state(key) in {"published", "failed"}

    def until(self, come: Any, seconds: float, what: str) -> None:
        """Wait until `come()` is true; raises DrillFailed after so many seconds."""
        deadline = time.monotonic() + seconds
        while not come():
            if self._up and self._up.poll() is not None:
                raise DrillFailed(f"The tree ended by itself; see {self.log}")
            if time.monotonic() > deadline:
                raise DrillFailed(f"Not within {seconds:.0f} s: {what}; see {self.log}")
            time.sleep(0.1)

    @property
    def _pid(self) -> int:
        if self._up is None:
            raise DrillFailed("The tree has not been started.")
        return self._up.pid

    def _environment(self) -> Mapping[str, str]:
        site, gateway = self.ports
        inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        return {
            **inherited,
            "WETUBE_DATA": str(self.folder),
            "SITE_URL": f"http://127.0.0.1:{site}",
            "GATEWAY_URL": f"http://127.0.0.1:{gateway}",
            **self._settings,
        }


@contextmanager
def running(**settings: str) -> Iterator[Rig]:
    """A started rig with a person in it; gone afterwards, its log kept if something was raised."""
    media_tools.use_brought()
    with tempfile.TemporaryDirectory(prefix="wetube-drill-") as home:
        rig = Rig(Path(home) / "data", **settings)
        rig.folder.mkdir(mode=0o700)
        try:
            rig.start()
            rig.join()
            yield rig
        except BaseException:
            _keep(rig.log)
            raise
        finally:
            rig.stop()


def _keep(log: Path) -> None:
    kept = ROOT / "var" / "drills"
    kept.mkdir(parents=True, exist_ok=True)
    (kept / f"{time.strftime('%H%M%S')}.log").write_bytes(log.read_bytes())


def _program(pid: int) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/comm").read_text().strip()
    return ""


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
