"""What the tests of coin say in one word."""

import threading
from collections.abc import Callable
from itertools import count
from typing import TypeVar

from django.db import connections

from wetube.cloudcoin import ledger, till
from wetube.cloudcoin.models import Account, Charge, Entry, Journal, Tab
from wetube.people.models import User

COIN = 10**8
PRICE = 5_000_000

Answer = TypeVar("Answer")
_references = (f"test:{number}" for number in count())


def charge(
    payer: User,
    payee: User,
    amount: int = PRICE,
    *,
    reference: str = "",
    subject: str = "video:one",
    label: str = "One",
) -> Charge:
    return till.charge(
        payer=payer,
        payee=payee,
        amount=amount,
        reference=reference or next(_references),
        subject=subject,
        label=label,
    )


def available(user: User) -> int:
    return ledger.account_of(user).available


def books() -> list[object]:
    """All that money rows say, to compare before and after a refusal."""
    return [
        sorted(Account.objects.values_list("pk", "balance", "held")),
        sorted(Tab.objects.values_list("pk", "charged", "per_view_cap", "per_day_cap")),
        sorted(Journal.objects.values_list("pk", "hash")),
        sorted(Entry.objects.values_list("pk", "amount")),
        sorted(Charge.objects.values_list("pk", "amount", "rollup")),
    ]


def together(*calls: Callable[[], Answer]) -> list[Answer | Exception]:
    """Run the calls at once, each in its own thread; what each returned or raised."""
    answers: list[Answer | Exception] = [RuntimeError("never ran")] * len(calls)
    start = threading.Barrier(len(calls))

    def run(place: int, call: Callable[[], Answer]) -> None:
        start.wait()
        try:
            answers[place] = call()
        except Exception as error:  # noqa: BLE001 - the test looks at it
            answers[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers
