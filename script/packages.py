"""Python packages: uv brought by pip, everything else brought by uv from hashed lists."""

import importlib.util
import ssl
from pathlib import Path

from script import stamps
from script.shell import PYTHON, ROOT, VAR, must, step

UV = ROOT / ".venv" / "bin" / "uv"
PINS = ROOT / "script" / "pins"


def install(*, dev: bool) -> None:
    """Make .venv hold exactly what the hashed list names.

    The tests' list includes the product's, so it also satisfies a plain start.
    """
    product, tests = ROOT / "requirements.txt", ROOT / "requirements-dev.txt"
    plain, whole = stamps.digest([product]), stamps.digest([product, tests])
    enough = {whole} if dev else {plain, whole}
    if _alive() and any(stamps.is_fresh("packages", inputs) for inputs in enough):
        return
    stamps.forget("packages")
    with step("Installing Python packages"):
        bring_uv()
        listed = tests if dev else product
        must([*uv_pip(), "sync", "--quiet", "--require-hashes", "--python", PYTHON, listed])
    stamps.keep("packages", whole if dev else plain)


def bring_uv() -> None:
    """Put the pinned uv into .venv, where it is not there yet."""
    pin = PINS / "uv.txt"
    if UV.exists() and stamps.is_fresh("uv", stamps.digest([pin])):
        return
    if importlib.util.find_spec("pip") is None:  # an environment that uv made has none
        must([PYTHON, "-m", "ensurepip"])
    must([PYTHON, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", pin])
    stamps.keep("uv", stamps.digest([pin]))


def uv_pip() -> list[str | Path]:
    """The words before a `uv pip` command; it trusts whom this machine trusts."""
    trust = ssl.get_default_verify_paths()
    return [UV, *(("--system-certs",) if trust.cafile or trust.capath else ()), "pip"]


def tool(name: str) -> Path:
    """A folder of its own holding the packages of script/pins/<name>.txt."""
    folder, pin = VAR / "tools" / name, PINS / f"{name}.txt"
    if not (folder.is_dir() and stamps.is_fresh(name, stamps.digest([pin]))):
        bring_uv()
        into = ("--quiet", "--require-hashes", "--target", folder, "-r", pin)
        must([*uv_pip(), "install", *into])
        stamps.keep(name, stamps.digest([pin]))
    return folder


def _alive() -> bool:
    """A virtual environment that was made anew is empty, whatever the stamp says."""
    return (ROOT / ".venv" / "bin" / "daphne").exists()
