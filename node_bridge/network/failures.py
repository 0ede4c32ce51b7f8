"""How a read from another node fails, each named for what that node did or did not do."""

from node_bridge.errors import NodeError


class PeerFailed(NodeError):
    """A node of the network did not give a block; another may."""


class BadAddress(PeerFailed):
    """The text is no address of a node: not https, or with parts that it must not have."""


class PrivateAddress(PeerFailed):
    """The address leads into a private network, where no stranger may send us."""


class Unreached(PeerFailed):
    """No connection, or it broke before the answer began."""


class WrongCertificate(PeerFailed):
    """Somebody else answers there: the certificate is not the one that was agreed."""


class TooSlow(PeerFailed):
    """The block did not come within its time, however much of it had."""


class NotHeld(PeerFailed):
    """The node says that it has not got the block."""


class Busy(PeerFailed):
    """The node turns readers away for now."""


class NotAllowed(PeerFailed):
    """The node wants pay or a permission that we do not have."""


class Redirected(PeerFailed):
    """The node points elsewhere, where nobody follows."""


class Garbled(PeerFailed):
    """The answer is not sound HTTP, has a status of no use here, or has headers without end."""


class Encoded(PeerFailed):
    """The body is compressed or otherwise wrapped, though plain bytes were asked for."""


class Oversized(PeerFailed):
    """The body is, or says it is, larger than any block."""


class CutShort(PeerFailed):
    """The body ended before the length it was said to have."""


class Lied(PeerFailed):
    """Whole bytes came, and they are not the block. None of them was passed on."""


class Cancelled(PeerFailed):
    """Nobody waits for this block any more."""


class NobodyHas(NodeError):
    """No node gave the block; `why` says of each one asked what it did."""

    def __init__(self, message: str, why: dict[str, PeerFailed] | None = None) -> None:
        super().__init__(message)
        self.why = why or {}
