"""Where a lease's bytes may be fetched from: other nodes, and the gateway under a grant."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from gateway.node.failures import BadSource
from node_bridge import Cid
from node_bridge.network import addresses
from node_bridge.network.addresses import Guard
from node_bridge.network.descriptions import MAX_URLS
from node_bridge.network.failures import BadAddress, PeerFailed
from node_bridge.network.identity import PeerId
from node_bridge.network.providers import Provider

MOST = 8  # places for one lease
MAX_URL = 1024  # letters
GRANTED = re.compile(r"(?P<prefix>/g/[\w.~-]{1,600})?(/ipfs(/[^/?#]*)?)?/?", re.ASCII)
LOCAL = {"127.0.0.1", "localhost", "::1"}
KEYS = {"url", "others", "certificate", "name", "peer_id", "authorization"}


@dataclass(frozen=True, slots=True)
class Source:
    """One place. `prefix` goes before /ipfs/: a grant's path, or nothing.

    authorization: header to send along, "" for none
    is_plain: without TLS; only on this machine, where a test or a developer has opened loopback
    """

    item: Any  # as it was written, to be kept in the book
    provider: Provider
    prefix: str = ""
    authorization: str = ""
    is_plain: bool = False

    def archive(self, root: Cid) -> str:
        """The path of the whole graph as one CAR."""
        return f"{self.prefix}/ipfs/{root}?format=car&dag-scope=all"

    def is_node_but(self, gateway: PeerId) -> bool:
        """Whether single blocks may be asked for: of nodes, whose peer id is named."""
        return not self.is_plain and not self.prefix and self.provider.peer_id not in {"", gateway}


def parse(items: Sequence[object], guard: Guard) -> list[Source]:
    """Sources as a gateway writes them: URLs, or objects of url, others (more addresses of the
    same node), certificate, name, peer_id and authorization. Raises BadSource.
    """
    if not isinstance(items, list | tuple) or len(items) > MOST:
        raise BadSource(f"The sources are a list of at most {MOST} places.")
    return [_source(item, guard) for item in items]


def _source(item: object, guard: Guard) -> Source:
    said = {"url": item} if isinstance(item, str) else item
    if not isinstance(said, dict) or said.keys() - KEYS:
        raise BadSource("A source is a URL, or an object with a url in it.")
    others = said.get("others") or []
    if not isinstance(others, list) or len(others) >= MAX_URLS:
        raise BadSource(f"A source has at most {MAX_URLS} addresses.")
    texts = {name: said.get(name) or "" for name in KEYS - {"others"}}
    if not all(isinstance(text, str) and len(text) <= 9000 for text in texts.values()):
        raise BadSource("All parts of a source are texts.")
    if not texts["authorization"].isprintable() or not texts["authorization"].isascii():
        raise BadSource("The source's authorization is no header.")
    if texts["certificate"] and not addresses.SHA256.fullmatch(texts["certificate"]):
        raise BadSource("A source's certificate is a sha256: 64 hex digits.")
    source = _located(item, texts, guard)
    return replace(source, provider=replace(source.provider, others=_origins(others)))


def _origins(urls: Sequence[object]) -> tuple[str, ...]:
    try:
        return tuple(addresses.parse(str(url)[:MAX_URL]).url for url in urls)
    except BadAddress as error:
        raise BadSource(f"Nothing can be fetched from there: {error}") from error


def _located(item: object, texts: dict[str, str], guard: Guard) -> Source:
    url = texts["url"]
    if not 0 < len(url) <= MAX_URL or not url.isascii() or not url.isprintable():
        raise BadSource("A source's URL is too long, or has letters no URL has.")
    try:
        parts = urlsplit(url)
        is_plain = parts.scheme == "http" and parts.hostname in LOCAL
        origin = f"{parts.scheme}://{parts.netloc}"
        address = addresses.parse(origin.replace("http://", "https://") if is_plain else origin)
        if is_plain:
            guard.look_up(address.host, address.port)
    except (ValueError, BadAddress, PeerFailed) as error:
        raise BadSource(f"Nothing can be fetched from there: {error}") from error
    match = GRANTED.fullmatch(parts.path)
    if match is None or parts.query or parts.fragment:
        raise BadSource("A source's URL is an origin, with a grant's path at most.")
    provider = Provider(
        texts["peer_id"], address.url, texts["certificate"] or None, name=texts["name"]
    )
    return Source(item, provider, match["prefix"] or "", texts["authorization"], is_plain)
