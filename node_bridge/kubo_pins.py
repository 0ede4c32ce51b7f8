"""Pins by name in a Kubo, which itself knows one name per CID and no dates.

Each of our pins is a tag: a folder of one name that links to the content,
inlined whole in its own CID (the identity hash). Pinning the tag pins what it
links to; its CID says whom it keeps and under which name; and no block is
stored for it. A content's pins do not touch each other, which Kubo's own do: it
renames a pin by letting go of it first. Pins that others made are left alone.

What was added and not yet pinned is kept for a while by a plain pin of Kubo's,
named so that a later sweep knows it.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

from node_bridge import cid, dagpb
from node_bridge.cid import DAG_PB, IDENTITY, MAX_INLINE, Cid, ParsedCid
from node_bridge.dagpb import Link
from node_bridge.engine import Pin
from node_bridge.errors import BadBlock, BadCid, NotFound, Unsupported
from node_bridge.kubo_rpc import HERE, PLAIN, Reply, Rpc, Rules
from node_bridge.unixfs import FOLDER

RECENT = "wetube: just added"
LONG_AGO = datetime.fromtimestamp(0, UTC)


def tag(key: ParsedCid, name: str) -> ParsedCid:
    """The CID that keeps a content under a name; raises Unsupported when it would be too long."""
    block = dagpb.encode(FOLDER, [Link(name, 0, key)])
    if len(block) > MAX_INLINE:
        raise Unsupported("A pin in Kubo has a name of at most 70 bytes.")
    return ParsedCid(DAG_PB, block, IDENTITY)


def read_tag(key: ParsedCid) -> tuple[Cid, str] | None:
    """The content and the name of a tag, None for what is no tag of ours."""
    if key.codec != DAG_PB or key.inline is None:
        return None
    try:
        node = dagpb.decode(key.inline)
    except BadBlock:
        return None
    if node.data != FOLDER or len(node.links) != 1:
        return None
    return str(node.links[0].key), node.links[0].name


class KuboPins:
    """The book of pins inside Kubo. It walks a graph itself before it keeps it."""

    def __init__(self, rpc: Rpc, rules: Rules = PLAIN) -> None:
        self._rpc = rpc
        self._reach = rules.long_reach

    def keep(self, cid: Cid, name: str) -> tuple[Pin, bool]:
        """Raises NotFound when a part of the graph is not in reach of Kubo."""
        if known := self.find(cid, name):
            return known[0], False
        now = datetime.now(UTC)
        label = f"{name} {now.isoformat()}"
        self._rpc.call("pin/add", str(_tag(cid, name)), recursive=True, name=label, **self._reach)
        return Pin(cid, name, now), True

    def drop(self, cid: Cid, name: str | None) -> None:
        names = [pin.name for pin in self.find(cid)] if name is None else [name]
        for each in names:
            self._let_go(str(_tag(cid, each)))

    def find(self, cid: Cid | None = None, name: str | None = None) -> list[Pin]:
        if cid is not None and name is not None:
            found = self._list(str(_tag(cid, name)))
        else:
            found = self._list()
        pins = [pin for pin in map(_pin, found) if pin is not None]
        wanted = [pin for pin in pins if cid in {None, pin.cid} and name in {None, pin.name}]
        return sorted(wanted, key=lambda pin: (pin.created, pin.cid, pin.name))

    def spare(self, cid: Cid, *, recursive: bool = True) -> None:
        """Keep what was just added for a while; a pin that somebody else made is enough."""
        kept = list(self._list(cid))
        if any(not _is_recent(reply) for reply in kept) or (kept and not recursive):
            return
        label = f"{RECENT}@{datetime.now(UTC).isoformat()}"
        self._rpc.call("pin/add", cid, recursive=recursive, name=label, **HERE)

    def stop_sparing(self, *, before: datetime) -> None:
        """Let go of what was added before, and which no pin kept since."""
        for reply in self._roots():
            if _is_spared(reply, before):
                self._let_go(_cid(reply))

    def held(self) -> set[bytes]:
        """Digests of all that any pin of this Kubo holds, whoever made it."""
        return set(map(_digest, self._rpc.lines("pin/ls", type="all", stream=True)))

    def held_without(self, *, spared_before: datetime) -> set[bytes]:
        """The same, as it will be when those are let go of; slower, for Kubo cannot tell."""
        held = set()
        for reply in self._roots():
            if not _is_spared(reply, spared_before):
                held.add(_digest(reply))
                if reply.get("Type") == "recursive":
                    below = {"recursive": True, "unique": True, "offline": True}
                    for line in self._rpc.lines("refs", _cid(reply), **below):
                        held.add(cid.parse(str(line.get("Ref"))).digest)
        return held

    def _roots(self) -> list[Reply]:
        listed: list[Reply] = []
        for kind in ("recursive", "direct"):
            listed += self._rpc.lines("pin/ls", type=kind, names=True, stream=True)
        return listed

    def _list(self, *wanted: str) -> Iterator[Reply]:
        try:
            kind = "all" if wanted else "recursive"
            for reply in self._rpc.lines("pin/ls", *wanted, type=kind, names=True, stream=True):
                if not str(reply.get("Type", "")).startswith("indirect"):
                    yield reply
        except NotFound:  # asked for one that is not pinned
            return

    def _let_go(self, name: str) -> None:
        try:
            self._rpc.call("pin/rm", name)
        except NotFound:
            return


def _tag(text: Cid, name: str) -> ParsedCid:
    return tag(cid.parse(text), name)


def _pin(reply: Reply) -> Pin | None:
    try:
        tagged = read_tag(cid.parse(_cid(reply)))
    except BadCid:  # of a hash that only Kubo understands
        return None
    if tagged is None:
        return None
    return Pin(*tagged, read_date(_label(reply).rpartition(" ")[2]))


def _is_recent(reply: Reply) -> bool:
    return _label(reply).partition("@")[0] == RECENT


def _is_spared(reply: Reply, before: datetime) -> bool:
    return _is_recent(reply) and read_date(_label(reply).partition("@")[2]) <= before


def _digest(reply: Reply) -> bytes:
    return cid.parse(_cid(reply)).digest


def _cid(reply: Reply) -> str:
    return str(reply.get("Cid", ""))


def _label(reply: Reply) -> str:
    return str(reply.get("Name", ""))


def read_date(text: str) -> datetime:
    """When a pin was made, 1970 where its maker did not say."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return LONG_AGO
