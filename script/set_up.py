"""Everything between a fresh clone and a process that can start."""

import os

from script import front_end, media_tools, packages, stamps, translations
from script.shell import PYTHON, ROOT, must, step


def set_up(*, dev: bool = False) -> None:
    """Install what is missing or has changed; does nothing the second time.

    With `dev`, what checks and tests need comes too.
    """
    packages.install(dev=dev)
    media_tools.install()
    front_end.install(dev=dev)
    translations.compile_changed()
    _collect_static()


def _collect_static() -> None:
    wanted = stamps.shape(ROOT / "static") + stamps.digest([ROOT / "requirements.txt"])
    manifest = ROOT / "var" / "static" / "staticfiles.json"
    if manifest.exists() and stamps.is_fresh("static", wanted):
        return
    with step("Gathering static files"):
        must([PYTHON, "manage.py", "collectstatic", "--noinput", "--clear", "--verbosity=0"])
    stamps.keep("static", wanted)


def environment() -> dict[str, str]:
    """What a process of ours is started with."""
    return {**os.environ, "PYTHONUNBUFFERED": "1"}
