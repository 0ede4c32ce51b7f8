"""What the node refuses or fails at, in the gateway's words."""

from collections.abc import Iterator
from contextlib import contextmanager

from gateway.refusals import Malformed, NothingHere, Refused
from node_bridge import (
    BadBlock,
    BadCid,
    BadPath,
    Corrupt,
    NodeError,
    NotAFile,
    NotAFolder,
    NotFound,
    TooBig,
    Unsupported,
)


class BadBytes(Refused):
    """What is stored is damaged; none of it was sent."""

    status = 502


class NodeFailed(Refused):
    """The node cannot answer at all."""

    status = 503


class TooLarge(Refused):
    """A folder or a graph past what one answer may hold."""

    status = 413


class NotServed(Refused):
    """A part of a document, or a block of a kind that is not understood here."""

    status = 501


@contextmanager
def node_refusals() -> Iterator[None]:
    """What the node refuses, in the gateway's words."""
    try:
        yield
    except (NotFound, NotAFile, NotAFolder):
        raise NothingHere from None
    except (BadCid, BadPath) as error:
        raise Malformed(str(error)) from error
    except (Corrupt, BadBlock) as error:
        raise BadBytes("The bytes stored here are damaged, so they were not sent.") from error
    except TooBig as error:
        raise TooLarge(str(error)) from error
    except Unsupported as error:
        raise NotServed(str(error)) from error
    except NodeError as error:
        raise NodeFailed("The node cannot answer now: try again in a moment.") from error
