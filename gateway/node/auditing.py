"""Answers proofs: the gateway asks for the root over blocks under a fresh nonce."""

import time
from dataclasses import dataclass
from typing import Any

from gateway.node import holdings
from gateway.node.failures import Damaged, Late, NoSuchLease, NotHeld
from gateway.node.leasing import Leasing
from gateway.refusals import Malformed
from node_bridge import Corrupt, NotFound, cid
from node_bridge.network import challenges
from node_bridge.network.challenges import BadQuestion


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it came. `deadline` is Unix seconds."""

    serial: str
    nonce: object
    blocks: object
    deadline: float

    @classmethod
    def of(cls, said: dict[str, Any]) -> "Asked":
        """Raises Malformed."""
        serial, deadline = said.get("serial"), said.get("deadline")
        if not isinstance(serial, str) or isinstance(deadline, bool):
            raise Malformed("An audit names a lease's serial and a deadline.")
        if not isinstance(deadline, int | float):
            raise Malformed("An audit's deadline is in Unix seconds.")
        return cls(serial, said.get("nonce"), said.get("blocks"), float(deadline))


def answer(leasing: Leasing, asked: Asked) -> str:
    """The root in hex. Raises Malformed, Late, NoSuchLease, NotHeld, Damaged."""
    if time.time() > asked.deadline:
        raise Late("The deadline of this question has passed.")
    try:
        question = challenges.read(asked.nonce, asked.blocks)
    except BadQuestion as error:
        raise Malformed(str(error)) from error
    holding = leasing.get(asked.serial)
    if holding.state == "refused":
        raise NoSuchLease("This lease was refused.")
    digests = [cid.parse(block).digest for block in question.blocks]
    if not holdings.holds(leasing.book, holding, digests):
        raise NotHeld("A block in the question does not belong to this lease.")
    try:
        return challenges.answer(question, leasing.store.get_block).hex()
    except (NotFound, Corrupt) as error:
        for digest in digests:
            repair(leasing, digest)
        raise Damaged("The disk has lost or spoiled a block; it is fetched anew.") from error


def repair(leasing: Leasing, digest: bytes) -> None:
    """Fetch anew what is under a block that may be damaged, unless it is sound."""
    try:
        leasing.store.get_block(str(cid.of_digest(digest)))
    except (NotFound, Corrupt):
        holdings.doubt(leasing.book, digest, time.time())
        leasing.wake.set()
