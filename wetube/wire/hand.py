"""The hand x402's library works with on chain: our own line to the node, our own outbox.

The library's signer would keep nonces in memory, wait for receipts for minutes and lose what it
sent when it dies. This one reads with the line's time limits, puts what is to be sent into the
outbox under one intent, and waits only as long as it was told.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from eth_abi.abi import decode as abi_decode
from x402.mechanisms.evm.types import TransactionReceipt

from wetube.chain import abi, contracts, keys, outbox, reading, rpc
from wetube.chain.deployment import required
from wetube.chain.models import ChainTx

ROLE = "relayer"
POLL = 0.05  # seconds


class NotSent(Exception):
    """The contract refuses this transaction."""


class TooLong(Exception):
    """It is under way, and the time to wait for it is over."""


class Hand:
    """x402's FacilitatorEvmSigner for one payment, whose transaction is named by `intent`.

    `away` says that the chain did not answer, whatever the library makes of it.
    """

    def __init__(self, intent: str, *, until: float) -> None:
        self.intent, self._until = intent, until
        self.away = False

    def get_addresses(self) -> list[str]:
        return [keys.address(ROLE)]

    def get_chain_id(self) -> int:
        return required().chain_id

    def get_code(self, address: str) -> bytes:
        return bytes.fromhex(str(self._ask("eth_getCode", address, "latest"))[2:])

    def read_contract(
        self, address: str, abi_: Sequence[Mapping[str, Any]], function_name: str, *args: Any
    ) -> Any:
        """What the contract answers, as the relayer's call; raises Reverted and ChainAway."""
        call = abi.call_of(abi_, function_name, len(args))
        try:
            said = reading.simulate(address, call.encode(args), sender=keys.address(ROLE))
        except rpc.ChainAway:
            self.away = True
            raise
        values = abi_decode([abi.canonical_type(part) for part in call.outputs], said)
        return values[0] if len(values) == 1 else values

    def write_contract(
        self,
        address: str,
        abi_: Sequence[Mapping[str, Any]],
        function_name: str,
        *args: Any,
        data_suffix: str | None = None,
    ) -> str:
        """The hash of the transaction, once it is signed and kept; raises NotSent and TooLong."""
        call = abi.call_of(abi_, function_name, len(args))
        outbox.put(
            self.intent, role=ROLE, contract=_name(address), function=call.signature, args=args
        )
        return self._wait(lambda tx: bool(tx.hash)).hash

    def wait_for_transaction_receipt(self, tx_hash: str) -> TransactionReceipt:
        """Once a block holds it; raises NotSent and TooLong."""
        tx = self._wait(lambda tx: tx.state in (ChainTx.State.MINED, ChainTx.State.FINAL))
        said = receipt(tx)
        status, block = int(said["status"], 16), int(said["blockNumber"], 16)
        return TransactionReceipt(status, block, tx.hash, list(said["logs"]))

    def _wait(self, is_there: Callable[[ChainTx], bool]) -> ChainTx:
        while True:
            outbox.pump()
            tx = ChainTx.objects.get(intent=self.intent)
            if is_there(tx):
                return tx
            if tx.is_over:
                raise NotSent(tx.error)
            if time.monotonic() > self._until:
                raise TooLong
            time.sleep(POLL)

    def _ask(self, method: str, *params: object) -> Any:
        try:
            return rpc.ask(method, params)
        except rpc.ChainAway:
            self.away = True
            raise


def receipt(tx: ChainTx) -> Mapping[str, Any]:
    """The node's receipt of a transaction in a block; raises ChainAway and TooLong."""
    said = rpc.ask("eth_getTransactionReceipt", [tx.hash])
    if said is None:  # taken back this very moment
        raise TooLong
    found: Mapping[str, Any] = said
    return found


def _name(address: str) -> str:
    """The contract's name where it is one of ours, so that the outbox knows its interface."""
    place = required()
    for name in contracts.NAMES:
        if place.address_of(name).lower() == address.lower():
            return name
    return address
