"""What a node will not do, each refusal by its name: nothing has moved when one is raised."""

from gateway.refusals import Refused


class NotAllowed(Refused):
    """Who asks is not the gateway, or cannot be told."""

    status = 403


class Unsigned(Refused):
    """The statement that should allow this does not count."""

    status = 403


class PaymentDue(Refused):
    """The bytes are sold: an order limit is due, or a receipt for what was sent already."""

    status = 402


class Closed(Refused):
    """The node is outside its hours, or is shutting down."""

    status = 503
    headers = {"Retry-After": "60"}


class NotHeld(Refused):
    """The node does not keep this."""

    status = 404


class NoSuchLease(Refused):
    """The node has no lease of this serial."""

    status = 404


class Damaged(Refused):
    """The node has lost this, or the disk spoiled it; it fetches it anew."""

    status = 410


class RefusedContent(Refused):
    """The operator keeps and serves none of this."""

    status = 451


class QuotaExceeded(Refused):
    """The node does not sell as much room."""

    status = 507


class DiskFull(Refused):
    """The disk has less room than the node would sell."""

    status = 507


class TooCheap(Refused):
    """The lease pays less than the node's price."""

    status = 409


class Leaving(Refused):
    """The node is on its way out and takes nothing more."""

    status = 409


class TooLarge(Refused):
    """A body or a graph is past its bound."""

    status = 413


class BlockTooLarge(Refused):
    """A block or an archive is past its bound."""

    status = 413


class BrokenGraph(Refused):
    """A block is not what its CID says, so what lies below cannot be known."""

    status = 422


class WrongSize(Refused):
    """The graph does not weigh what its lease says."""

    status = 422


class Foreign(Refused):
    """A block that does not belong to the graph."""

    status = 422


class BadBytes(Refused):
    """A block does not match its CID, or the archive that should hold it is none."""

    status = 422


class BadSource(Refused):
    """An address that nothing can or may be fetched from."""


class Late(Refused):
    """The question's deadline has passed."""

    status = 408


class NotAcceptable(Refused):
    """Only forms that prove themselves are served here: raw blocks and archives."""

    status = 406


class Incomplete(Refused):
    """The archive lacks blocks of the graph it should bring."""

    status = 422


class Stalled(Refused):
    """The client stopped taking what it asked for, or sending what it announced."""

    status = 408


class Busy(Refused):
    """As many requests are under way as the node will carry."""

    status = 503
    headers = {"Retry-After": "2"}
