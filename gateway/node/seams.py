"""What the node asks of those who have a part in it: who pays for a read, and what else it runs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from node_bridge import Cid


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be read: a block or the graph under `cid`, which lies under these leased roots."""

    cid: Cid
    roots: frozenset[Cid]


class Ticket(Protocol):
    """One read that was let through, and how far it may go."""

    async def sending(self, size: int) -> None:
        """Before `size` bytes go out: waits while too much is unpaid; raises PaymentDue."""

    def sent(self, size: int) -> None:
        """So many bytes were handed to the connection."""


class Payment(Protocol):
    """Sells what lies on this node under order limits."""

    async def admit(self, token: str, wanted: Wanted) -> Ticket:
        """A read under an order limit (`token`, "" for none); raises PaymentDue, Unsigned."""

    async def receipt(self, statement: str) -> Mapping[str, Any]:
        """A client's receipt; the answer to it as JSON. Raises a Refused."""


class Chore(Protocol):
    """Something that runs as long as the node does."""

    async def run(self) -> None:
        """Until cancelled; what it raises is logged, and it is begun again a little later."""


class Free:
    """The ticket of who need not pay: the gateway itself, or anybody where reads are free."""

    async def sending(self, size: int) -> None:
        return

    def sent(self, size: int) -> None:
        return


FREE: Ticket = Free()
