"""A process that pays with tokens until it is killed, and says each payment once it is on disk.

Started by test_kills.py: `spending_process.py <payee pk>`, a token a line on standard input.
"""

import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wetube.settings")
django.setup()

from wetube.people.models import User  # noqa: E402 - Django first
from wetube.tokens import spending  # noqa: E402


def main() -> None:
    payee = User.objects.get(pk=int(sys.argv[1]))
    for number, line in enumerate(sys.stdin):
        bill = spending.Bill(payee=payee, price=5, subject=f"video:{number}")
        spending.pay(line, bill, retry=f"word {number}")
        os.write(1, f"{number}\n".encode())


if __name__ == "__main__":
    main()
