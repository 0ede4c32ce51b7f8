"""The parts of `script/test`, in the order they run."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from script import checks, go_tools, ipfs_clients, test_files, throwaway
from script.shell import PYTHON, ROOT, CommandFailed, run, say

SLOW = ("journey", "media", "services", "api", "chain", "network")
FAST = " and ".join(f"not {kind}" for kind in SLOW)


TWO = ("-n", "2")


@dataclass(frozen=True)
class Count:
    """How many tests ended how."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other: "Count") -> "Count":
        return Count(
            self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped
        )

    def __sub__(self, other: "Count") -> "Count":
        return Count(
            self.passed - other.passed, self.failed - other.failed, self.skipped - other.skipped
        )

    def __str__(self) -> str:
        skipped = f", {self.skipped} skipped" if self.skipped else ""
        return f"{self.passed} passed, {self.failed} failed{skipped}"


@dataclass
class Bench:
    """What the parts of one run share: a folder to work in, words for pytest, the count so far."""

    folder: Path
    pytest_words: Sequence[str] = ()
    count: Count = field(default_factory=Count)

    def check(self, checks: Sequence[checks.Check]) -> list[str]:
        """Run each check; returns the names of those that failed."""
        failed = [check.name for check in checks if not check.run(self.folder)]
        self.count += Count(passed=len(checks) - len(failed), failed=len(failed))
        return failed

    def marked(self, kind: str, *words: str, env: Mapping[str, str] | None = None) -> list[str]:
        """Run the tests of one mark. Only their files are read, unless others were asked for."""
        files = [] if self._asked_for_paths() else test_files.marked(kind)
        return self.pytest("-m", kind, *words, *files, env=env)

    def _asked_for_paths(self) -> bool:
        return any((ROOT / word.partition("::")[0]).exists() for word in self.pytest_words)

    def pytest(self, *words: str, env: Mapping[str, str] | None = None) -> list[str]:
        """Run pytest on a data folder of its own; returns what went wrong in words."""
        report = self.folder / "report.xml"
        report.unlink(missing_ok=True)
        data = {"WETUBE_DATA": str(self.folder / "data"), **(env or {})}
        quiet = ("-q", "--no-header", f"--junit-xml={report}")
        code = run([PYTHON, "-m", "pytest", *quiet, *words, *self.pytest_words], env=data)
        count = _read(report) if report.exists() else Count()
        self.count += count
        if code == 5:
            return ["no test was found"]
        if code:
            return [str(count) if count.failed else f"pytest ended with {code}"]
        return []


@dataclass(frozen=True)
class Part:
    """`run` returns what failed, nothing when all is well; `needs` are programs of the system."""

    name: str
    about: str
    run: Callable[[Bench], list[str]]
    needs: tuple[str, ...] = ()


def _unit(bench: Bench) -> list[str]:
    ignored = [f"--ignore={file}" for file in test_files.wholly_marked(SLOW)]
    return bench.pytest(*TWO, "-m", f"{FAST} and not postgres", *ignored)


def _postgres(bench: Bench) -> list[str]:
    """The apps alone: the gateway and the bridge know no database of ours."""
    apps = sorted(f"tests/{app.name}" for app in (ROOT / "wetube").iterdir() if app.is_dir())
    with throwaway.postgres() as url:
        words = [app for app in apps if (ROOT / app).is_dir()]
        ignored = [f"--ignore={file}" for file in test_files.wholly_marked(SLOW)]
        return bench.pytest(*TWO, "-m", FAST, *ignored, *words, env={"DATABASE_URL": url})


def _services(bench: Bench) -> list[str]:
    with throwaway.redis() as url:
        return bench.marked("services", env={"REDIS_URL": url})


def _api(bench: Bench) -> list[str]:
    return bench.marked("api", *TWO, "--timeout", "900")


def _chain(bench: Bench) -> list[str]:
    return bench.marked("chain", *TWO, "--dist", "loadfile", "--timeout", "300")


def _network(bench: Bench) -> list[str]:
    """Kubo is built before any test's clock runs. Without Go its tests are skipped, but in CI."""
    ipfs_clients.install()
    try:
        for program in (go_tools.KUBO, go_tools.CLUSTER):
            go_tools.bring(program)
    except CommandFailed as failure:
        say(str(failure))
    return bench.marked("network", *TWO, "--dist", "loadfile", "--timeout", "300")


def _media(bench: Bench) -> list[str]:
    return bench.marked("media", *TWO, "--timeout", "600")


def _journeys(bench: Bench) -> list[str]:
    return bench.marked("journey", *TWO, "--dist", "loadfile", "--timeout", "600")


PARTS = {
    part.name: part
    for part in (
        Part(
            "lint",
            "form and habits of the code",
            lambda bench: bench.check(checks.LINT),
            needs=("shellcheck",),
        ),
        Part("types", "mypy, strict", lambda bench: bench.check(checks.TYPES)),
        Part("layers", "who may import whom", lambda bench: bench.check(checks.LAYERS)),
        Part(
            "migrations",
            "models and migrations agree",
            lambda bench: bench.check(checks.MIGRATIONS),
        ),
        Part(
            "translations",
            "every sentence is translated",
            lambda bench: bench.check(checks.TRANSLATIONS),
            needs=("msgmerge",),
        ),
        Part("unit", "the fast tests, on SQLite", _unit),
        Part("postgres", "the same and the races, on PostgreSQL", _postgres, needs=("initdb",)),
        Part("api", "generated calls against our own OpenAPI", _api),
        Part(
            "services",
            "a real broker and worker",
            _services,
            needs=("redis-server", "initdb", "ffmpeg", "bwrap"),
        ),
        Part("chain", "real chains, contracts and the world's own clients", _chain),
        Part(
            "network",
            "nodes, Kubo and the IPFS world's own clients",
            _network,
            needs=("ffmpeg", "bwrap"),
        ),
        Part("media", "real films through ffmpeg", _media, needs=("ffmpeg", "bwrap")),
        Part(
            "journeys",
            "people's paths through a real browser",
            _journeys,
            needs=("chromium", "ffmpeg", "bwrap"),
        ),
    )
}


def _read(report: Path) -> Count:
    """Sum up the suites of a JUnit file."""
    count = Count()
    for suite in ElementTree.parse(report).getroot().iter("testsuite"):  # noqa: S314 - pytest wrote it for us
        tests, skipped = int(suite.get("tests", 0)), int(suite.get("skipped", 0))
        failed = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
        count += Count(tests - skipped - failed, failed, skipped)
    return count
