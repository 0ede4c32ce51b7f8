"""`script/drill`: breaks a running WeTube on purpose; lists the drills without a name."""

import sys

from script import catalogue, system_packages
from script.set_up import set_up
from script.shell import ROOT, CommandFailed, say


def main(words: list[str]) -> int:
    folder = ROOT / "script" / "drills"
    names, arguments = catalogue.split(words)
    if not names:
        catalogue.tell(folder, "script/drill")
        return 0
    system_packages.install(("ffmpeg", "bwrap"))
    try:
        set_up()
    except CommandFailed as failure:
        say(str(failure))
        return 1
    return min(catalogue.run_all(folder, "script.drills", names, arguments), 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
