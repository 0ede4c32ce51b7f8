"""Proof that a node holds blocks: a Merkle root under a fresh nonce.

The nonce enters every leaf of 4 KiB, so that the whole block is needed after
the question is known: nothing worked out before, and no part of it, helps.
Inner nodes and finished blocks are hashed under tags of their own.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest
from secrets import token_bytes

from node_bridge import cid as cids
from node_bridge.cid import Cid
from node_bridge.errors import BadCid

LEAF = 4096  # bytes
NONCE = 32  # bytes
ROOT = 32  # bytes
MAX_BLOCKS = 16  # in one question
INNER, BLOCK = b"\x01", b"\x02"


class BadQuestion(ValueError):
    """A question nobody can answer: wrong nonce, no block, too many, or no CIDs."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: the root over these blocks, in this order, under this nonce."""

    nonce: bytes
    blocks: tuple[Cid, ...]

    def __post_init__(self) -> None:
        if len(self.nonce) != NONCE:
            raise BadQuestion(f"A nonce has {NONCE} bytes.")
        if not 1 <= len(self.blocks) <= MAX_BLOCKS:
            raise BadQuestion(f"A question is about 1 to {MAX_BLOCKS} blocks.")


def ask(blocks: Sequence[Cid]) -> Question:
    """A question about these blocks under a nonce of this moment; raises BadQuestion."""
    return Question(token_bytes(NONCE), tuple(blocks))


def read(nonce: object, blocks: object) -> Question:
    """A question as it came over the wire: nonce in hex, list of CIDs; raises BadQuestion."""
    if not isinstance(nonce, str) or len(nonce) != 2 * NONCE or not isinstance(blocks, list):
        raise BadQuestion("A question holds a nonce of 64 hex digits and a list of CIDs.")
    if len(blocks) > MAX_BLOCKS or not all(isinstance(block, str) for block in blocks):
        raise BadQuestion(f"A question is about 1 to {MAX_BLOCKS} blocks, each a CID.")
    try:
        return Question(bytes.fromhex(nonce), tuple(map(cids.canonical, blocks)))
    except BadCid as error:
        raise BadQuestion(f"A block in the question has no CID: {error}") from error
    except ValueError as error:
        raise BadQuestion("The nonce is not in hex.") from error


def answer(question: Question, get_block: Callable[[Cid], bytes]) -> bytes:
    """The root; whatever `get_block` raises goes through."""
    return root(question.nonce, map(get_block, question.blocks))


def is_right(said: str, expected: bytes) -> bool:
    """Whether the hex text a node sent is the root."""
    return compare_digest(said.encode(errors="replace"), expected.hex().encode())


def root(nonce: bytes, blocks: Iterable[bytes]) -> bytes:
    """The root over blocks in order."""
    return _fold([_block(nonce, block) for block in blocks])


def _block(nonce: bytes, block: bytes) -> bytes:
    """One block's own root, bound to its length."""
    start = sha256(nonce)
    view = memoryview(block)
    leaves = []
    for place in range(0, max(len(view), 1), LEAF):
        leaf = start.copy()
        leaf.update(view[place : place + LEAF])
        leaves.append(leaf.digest())
    return sha256(BLOCK + len(view).to_bytes(8, "big") + _fold(leaves)).digest()


def _fold(row: list[bytes]) -> bytes:
    """A Merkle root; the odd one at the end of a row goes up as it is."""
    while len(row) > 1:
        above = [
            sha256(INNER + row[place] + row[place + 1]).digest()
            for place in range(0, len(row) - 1, 2)
        ]
        if len(row) % 2:
            above.append(row[-1])
        row = above
    return row[0]
