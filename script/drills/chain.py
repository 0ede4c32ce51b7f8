"""kill -9 of the embedded chain twenty times under load: nothing acknowledged is lost."""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.report import note, report
from script.drills.chain_load import Load, Running
from script.shell import PYTHON, ROOT

KILLS = 20
START_WITHIN = 60.0


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="wetube-drill-") as home:
        chains = _Chains(Path(home))
        load = Load(chains.start, chains.wait, Path(home) / "chain")
        load.prepare()
        for number in range(KILLS):
            answered = load.round(10 + 2 * number)
            note(f"kill -9 number {number + 1}", f"{answered} acknowledged before it")
        faults = load.faults()
        for fault in faults[:10]:
            note("fault", fault)
        fine = [
            report("transactions acknowledged", len(load.acknowledged), 100),
            report("faults after twenty kills", len(faults), 0, "lower"),
        ]
    return int(not all(fine))


class _Chains:
    """The chain on one data folder, again and again."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> Running:
        note_of_url = self._data / "chain" / "url"
        note_of_url.unlink(missing_ok=True)
        words: list[str] = [
            str(PYTHON),
            "manage.py",
            "cloudchain",
            "--port",
            "0",
            "--data",
            str(self._data),
        ]
        self._process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.DEVNULL)  # noqa: S603 - our own command
        deadline = time.monotonic() + START_WITHIN
        while not (note_of_url.exists() and note_of_url.read_text()):
            if time.monotonic() > deadline or self._process.poll() is not None:
                raise SystemExit("The chain does not start.")
            time.sleep(0.02)
        return Running(self._process.pid, int(note_of_url.read_text().rpartition(":")[2]))

    def wait(self, _running: Running) -> None:
        if self._process:
            self._process.wait()


if __name__ == "__main__":
    sys.exit(main())
