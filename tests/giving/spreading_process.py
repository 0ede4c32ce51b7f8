"""A process that spreads every pot that is due, and says each once it is on disk.

Started by test_kills.py, which kills it.
"""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wetube.settings")
django.setup()

from wetube.giving import spreading  # noqa: E402 - Django first


def main() -> None:
    for month in spreading.due():
        if spreading.spread(month):
            os.write(1, f"{month.pk}\n".encode())


if __name__ == "__main__":
    main()
