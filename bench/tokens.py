"""Blind signatures and redeemed tokens a second, against what coincurve alone allows.

`sign` makes C_ and its proof, five multiplications to the floor's one; `verify` is one, and a
hash to the curve. `redeem` is a whole payment: read the token, verify it, spend it and charge,
one durable transaction each, by one caller. Rounds are interleaved, the figures are medians.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

SCRATCH = tempfile.TemporaryDirectory(prefix="tokens-")
os.environ.setdefault("DATABASE_URL", f"sqlite:///{Path(SCRATCH.name) / 'bench.sqlite3'}")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wetube.settings")
os.environ.setdefault("WETUBE_DATA", SCRATCH.name)

import django  # noqa: E402 - the settings above are read at once

django.setup()

from coincurve import PublicKey  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connections  # noqa: E402

from bench.report import note, report  # noqa: E402
from wetube.cloudcoin import ledger  # noqa: E402
from wetube.cloudcoin.models import Account, Journal  # noqa: E402
from wetube.people.models import User  # noqa: E402
from wetube.tokens import cbor, curve, keysets, spending, texts  # noqa: E402

SIGN_GOAL, VERIFY_GOAL = 0.2, 0.5
WORTH = 5  # drops
GROUP = (2**256 // 3).to_bytes(32, "big")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--times", type=int, default=1500)
    parser.add_argument("--payments", type=int, default=100)
    options = parser.parse_args()
    key, point = GROUP, curve.hash_to_curve(b"bench")
    y, c = curve.written(point), curve.written(point.multiply(key))
    work: dict[str, Callable[[], object]] = {
        "floor": lambda: PublicKey(point.format()).multiply(key),
        "sign": lambda: curve.sign(key, curve.point(y)),
        "verify": lambda: curve.is_good(key, curve.y_of("bench secret"), c),
    }
    rates: dict[str, list[float]] = {name: [] for name in (*work, "redeem")}
    call_command("migrate", verbosity=0, skip_checks=True)
    for number in range(options.rounds):
        for name, call in work.items():
            rates[name].append(_rate(call, options.times))
        rates["redeem"].append(_redeem(number, options.payments))
    figures = {name: median(values) for name, values in rates.items()}
    for name, figure in figures.items():
        note(f"tokens {name}", f"{figure:.0f}/s")
    connections.close_all()
    reached = [
        report("tokens sign / floor", figures["sign"] / figures["floor"], SIGN_GOAL),
        report("tokens verify / floor", figures["verify"] / figures["floor"], VERIFY_GOAL),
    ]
    return 0 if all(reached) else 1


def _rate(call: Callable[[], object], times: int) -> float:
    began = time.perf_counter()
    for _ in range(times):
        call()
    return times / (time.perf_counter() - began)


def _redeem(number: int, payments: int) -> float:
    """Tokens as the mint would have signed them, paid one after another."""
    payee = User.objects.create()
    ledger.account_of(payee)
    ledger.post(
        reference=f"bench:{number}",
        kind=Journal.Kind.TOKENS,
        entries=[
            (ledger.house(Account.Kind.ISSUANCE), -WORTH * payments),
            (ledger.house(Account.Kind.TOKENS), WORTH * payments),
        ],
    )
    paid = iter([_token(f"{number} {each}") for each in range(payments)])
    bill = spending.Bill(payee=payee, price=WORTH, subject="video:bench")
    return _rate(lambda: spending.pay(next(paid), bill), payments)


def _token(secret: str) -> str:
    keyset = keysets.current()
    key = keysets.private_key(keyset, WORTH) or b""
    c = curve.hash_to_curve(secret.encode()).multiply(key).format()
    group: dict[str, cbor.Item] = {
        "i": bytes.fromhex(keyset.key),
        "p": [{"a": WORTH, "s": secret, "c": c}],
    }
    said: dict[str, cbor.Item] = {"m": texts.mint_url(), "u": "cld", "t": [group]}
    return "cashuB" + texts.encoded(cbor.write(said))


if __name__ == "__main__":
    sys.exit(main())
