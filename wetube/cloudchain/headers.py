"""A block's header: its fields in Prague's order, its hash, and the child that follows it."""

from dataclasses import astuple, dataclass
from functools import cached_property

import rlp  # type: ignore[import-untyped]
from eth_hash.auto import keccak

GAS_LIMIT = 30_000_000
LEAST_FEE = 7  # wei: EIP-1559's formula cannot move a lower base fee downwards
NO_UNCLES = keccak(rlp.encode([]))
NO_TRIE = keccak(rlp.encode(b""))
NO_REQUESTS = bytes.fromhex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
NOBODY = bytes(20)
NOTHING = bytes(32)


@dataclass(frozen=True)
class Header:
    """Field by field what the hash is taken of (EIPs 1559, 4895, 4844, 4788, 7685).

    `timestamp` is in seconds, `base_fee` in wei for one gas.
    """

    parent: bytes
    coinbase: bytes
    state_root: bytes
    transactions_root: bytes
    receipts_root: bytes
    bloom: bytes
    number: int
    gas_limit: int
    gas_used: int
    timestamp: int
    base_fee: int

    @cached_property
    def hash(self) -> bytes:
        return bytes(keccak(self.as_rlp()))

    def as_rlp(self) -> bytes:
        return bytes(rlp.encode(self.as_list()))

    def as_list(self) -> list[bytes | int]:
        """All twenty-one fields; those that never change on this chain are filled in."""
        roots = [self.state_root, self.transactions_root, self.receipts_root]
        who: list[bytes | int] = [self.parent, NO_UNCLES, self.coinbase, *roots, self.bloom]
        amounts = [0, self.number, self.gas_limit, self.gas_used, self.timestamp]
        after_the_merge: list[bytes | int] = [b"", NOTHING, bytes(8), self.base_fee]
        return [*who, *amounts, *after_the_merge, NO_TRIE, 0, 0, NOTHING, NO_REQUESTS]

    def to_row(self) -> bytes:
        return bytes(rlp.encode(list(astuple(self))))

    @classmethod
    def from_row(cls, row: bytes) -> "Header":
        *hashes, number, limit, used, timestamp, fee = rlp.decode(row)
        amounts = [int.from_bytes(word, "big") for word in (number, limit, used, timestamp, fee)]
        return cls(*hashes, *amounts)

    def child(self, *, now: int) -> "Header":
        """The next header before anything happened in it.

        Its time is the clock's, or the parent's where that is ahead: with a block for every
        transaction many share a second, and one second more for each would let the chain's time
        run away from the world's, by which vouchers and deposits expire.
        """
        return Header(
            parent=self.hash,
            coinbase=self.coinbase,
            state_root=self.state_root,
            transactions_root=NO_TRIE,
            receipts_root=NO_TRIE,
            bloom=bytes(256),
            number=self.number + 1,
            gas_limit=self.gas_limit,
            gas_used=0,
            timestamp=max(self.timestamp, now),
            base_fee=self.next_base_fee(),
        )

    def next_base_fee(self) -> int:
        """EIP-1559: an eighth up after a full block, an eighth down after an empty one."""
        target = self.gas_limit // 2
        delta = self.base_fee * abs(self.gas_used - target) // target // 8
        if self.gas_used > target:
            return self.base_fee + max(delta, 1)
        return max(self.base_fee - delta, LEAST_FEE)


def genesis(*, state_root: bytes, coinbase: bytes, now: int) -> Header:
    """The first header. Fees go to `coinbase`."""
    return Header(
        parent=NOTHING,
        coinbase=coinbase,
        state_root=state_root,
        transactions_root=NO_TRIE,
        receipts_root=NO_TRIE,
        bloom=bytes(256),
        number=0,
        gas_limit=GAS_LIMIT,
        gas_used=0,
        timestamp=now,
        base_fee=LEAST_FEE,
    )
