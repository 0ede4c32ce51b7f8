"""A process that charges until it is killed, and says each charge once it is on disk.

Started by test_kills.py: `charging_process.py <payer pk> <payee pk> <threads>`.
"""

import os
import sys
import threading
from itertools import count

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wetube.settings")
django.setup()

from wetube.cloudcoin import till  # noqa: E402 - Django first
from wetube.people.models import User  # noqa: E402


def charge_for_ever(payer: User, payee: User, name: str) -> None:
    for number in count():
        reference = f"{name}:{number}"
        till.charge(payer=payer, payee=payee, amount=10, reference=reference, subject="video:one")
        os.write(1, f"{reference}\n".encode())


def main() -> None:
    payer, payee = (User.objects.get(pk=int(argument)) for argument in sys.argv[1:3])
    for number in range(int(sys.argv[3])):
        name = f"{os.getpid()}:{number}"
        threading.Thread(target=charge_for_ever, args=(payer, payee, name)).start()


if __name__ == "__main__":
    main()
