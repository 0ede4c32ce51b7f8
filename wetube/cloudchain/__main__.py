"""`python -m wetube.cloudchain`: the chain without the site around it, which starts much faster."""

import sys
from argparse import ArgumentParser

from wetube.cloudchain import commanding


def main() -> int:
    parser = ArgumentParser(prog="wetube.cloudchain", description=__doc__)
    commanding.add_arguments(parser)
    try:
        commanding.run(vars(parser.parse_args()), _say)
    except commanding.REFUSALS as refusal:
        sys.stderr.write(f"{refusal}\n")
        return 1
    return 0


def _say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
