"""`script/bench`: runs the benchmarks named, or lists them all."""

import sys

from script import catalogue, system_packages
from script.set_up import set_up
from script.shell import ROOT, CommandFailed, say


def main(words: list[str]) -> int:
    folder = ROOT / "bench"
    names, arguments = catalogue.split(words)
    if not names:
        catalogue.tell(folder, "script/bench")
        return 0
    system_packages.install(("ffmpeg", "bwrap", "nginx", "wrk"))
    try:
        set_up(dev=True)
    except CommandFailed as failure:
        say(str(failure))
        return 1
    return min(catalogue.run_all(folder, "bench", names, arguments), 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
