"""Every way the node can refuse or fail, each named for what happened."""


class NodeError(Exception):
    """The node could not do what was asked."""


class NotFound(NodeError):
    """No such block, path or pin lies in this node."""


class Corrupt(NodeError):
    """Stored bytes do not match their CID; none of them reach the caller."""


class BadBlock(NodeError):
    """The bytes match their CID but are not the format that the CID names."""


class BadCid(NodeError):
    """The text is not a CID this node understands."""


class BadPath(NodeError):
    """The path is not `<cid>` or `<cid>/name/…`."""


class NotAFile(BadPath):
    """The path leads to a folder or a link where a file was due."""


class NotAFolder(BadPath):
    """The path leads to a file or a link where a folder was due."""


class BadCar(NodeError):
    """The stream is not a CARv1 archive, or was cut short."""


class TooBig(NodeError):
    """A block, a walk, a folder or an upload goes past its bound."""


class OverQuota(NodeError):
    """There is no room: the node's quota or the disk is used up."""


class EngineDown(NodeError):
    """The engine cannot work at all: wrong self-test, unreadable disk."""


class Unsupported(NodeError):
    """A standard thing that this engine does not do."""
