"""Asking other routers who has a CID (Delegated Routing V1), for what nobody here has.

The routers are the operator's choice, `DELEGATED_ROUTERS`; whom they name is a stranger.
"""

import json
import logging
import time
from collections.abc import Iterator, Sequence
from threading import Lock
from urllib.parse import quote

import httpx
from django.conf import settings

from node_bridge.network.failures import BadAddress
from node_bridge.network.providers import Provider, listed

logger = logging.getLogger(__name__)

SECONDS = 5.0  # for one answer, all of it
MOST_BYTES = 256 << 10
MOST = 20  # providers taken from one answer
QUERY = "filter-addrs=tls,https&filter-protocols=transport-ipfs-gateway-http"


class Router:
    """A Finder that asks one router, once for a root: its blocks lie where it lies."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")
        self._known: dict[str, Sequence[Provider]] = {}
        self._lock = Lock()

    def find(self, cid: str, root: str) -> Sequence[Provider]:
        with self._lock:  # whoever else wants to know waits for the same answer
            if root not in self._known:
                self._known[root] = self._ask(root)
            return self._known[root]

    def _ask(self, root: str) -> Sequence[Provider]:
        try:
            body = self._get(f"{self._url}/routing/v1/providers/{quote(root)}?{QUERY}")
            return list(_providers(json.loads(body)))[:MOST]
        except (httpx.HTTPError, ValueError, RecursionError) as error:
            logger.warning("A router does not answer: %s", error)
            return ()

    def _get(self, url: str) -> bytes:
        """The body of a 200, no redirect followed; raises httpx.HTTPError, ValueError."""
        until = time.monotonic() + SECONDS
        body = b""
        headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
        with httpx.stream("GET", url, headers=headers, timeout=SECONDS) as answer:
            if answer.status_code != 200:
                raise ValueError(f"status {answer.status_code}")
            for piece in answer.iter_raw():
                body += piece
                if len(body) > MOST_BYTES or time.monotonic() > until:
                    raise ValueError("the answer is too long, or too slow")
        return body


def finders() -> list[Router]:
    """One for each router that is asked."""
    return [Router(url) for url in settings.DELEGATED_ROUTERS]


def _providers(said: object) -> Iterator[Provider]:
    peers = said.get("Providers") if isinstance(said, dict) else None
    for peer in peers if isinstance(peers, list) else []:
        addresses = peer.get("Addrs") if isinstance(peer, dict) else None
        for address in addresses if isinstance(addresses, list) else []:
            try:
                yield listed(str(address))
            except BadAddress:
                continue
