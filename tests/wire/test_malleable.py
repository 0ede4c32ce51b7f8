"""Each other form of a signature, against the gateway and against the contract.

What we serve for can be claimed; what cannot be claimed is not served (research §1.6-0).
"""

from collections.abc import Callable
from typing import Any

import pytest
from x402.mechanisms.evm.signers import EthAccountSigner

from tests.contracts.signing import malleable
from tests.wire.python_clients import Payer
from tests.wire.shop import PRICE, Shop
from wetube.chain import contracts, keys, reading
from wetube.cloudcoin.models import Charge

pytestmark = pytest.mark.chain

REWRITTEN = ["v as 0 or 1", "high s", "high s, v as 0 or 1"]
REFUSED = ["v with a chain in it", "64 bytes (EIP-2098)", "a byte more", "zeros"]


class Odd(EthAccountSigner):
    """A session key that signs in the form it is told to, which starts as the usual one."""

    form = ""

    def sign_typed_data(self, *what: Any, **named: Any) -> bytes:
        right = super().sign_typed_data(*what, **named)
        return malleable(right)[self.form] if self.form else right


def claims(shop: Shop, signature: bytes) -> Callable[[], bytes]:
    """The contract is asked to claim all that was charged by this form of the last signature."""
    escrow = shop.escrow()
    line = ((escrow.config, escrow.signed), signature, escrow.signed)
    data = contracts.call("BatchSettlement", "claim", 1).encode([[line]])
    sender = keys.address("authorizer")
    return lambda: reading.simulate(shop.place.channels, data, sender=sender)


def test_each_form_is_rewritten_or_refused_and_the_contract_takes_one(shop: Shop) -> None:
    payer = Payer(shop)
    payer.scheme._voucher_signer = signer = Odd(payer.session)
    session = payer.by_requests()
    assert session.get(shop.film, timeout=20).status_code == 200

    for number, form in enumerate(REWRITTEN, 2):
        signer.form = form
        assert session.get(shop.film, timeout=20).status_code == 200, form
        stored = bytes(shop.escrow().signature)
        assert shop.escrow().signed == number * PRICE
        claims(shop, stored)()
        for signature in malleable(stored).values():
            with pytest.raises(reading.Reverted):
                claims(shop, signature)()

    for form in REFUSED:
        signer.form = form
        answer = session.get(shop.film, timeout=20)
        assert (answer.status_code, answer.json()["error"]) == (402, "bad_signature"), form

    assert Charge.objects.count() == 1 + len(REWRITTEN)
    signer.form = ""
    assert payer.scheme.refund(shop.film).success
    shop.books_hold()
    assert shop.escrow().claimed == 4 * PRICE
