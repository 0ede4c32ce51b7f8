"""Which of a node's addresses leads to it: the one that did last, then the others in turn."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from threading import Lock
from typing import TypeVar

from node_bridge.network.failures import (
    BadAddress,
    PeerFailed,
    PrivateAddress,
    Unreached,
    WrongCertificate,
)
from node_bridge.network.providers import Provider

KNOWN = 1_000  # nodes of which it is remembered
Made = TypeVar("Made")


class Ways:
    """For any number of threads."""

    def __init__(self) -> None:
        self._last: OrderedDict[str, str] = OrderedDict()  # a node's first address to the good one
        self._lock = Lock()

    def first(self, provider: Provider, dial: Callable[[Provider], Made]) -> Made:
        """What `dial` makes of the first address that answers; raises what it does of the last."""
        why: PeerFailed = Unreached("The node has no address.")
        for url in self._ordered(provider):
            try:
                made = dial(replace(provider, url=url))
            except (BadAddress, PrivateAddress, Unreached, WrongCertificate) as failure:
                why = failure
            else:
                self._note(provider, url)
                return made
        raise why

    def _ordered(self, provider: Provider) -> list[str]:
        urls = list(dict.fromkeys((provider.url, *provider.others)))
        if len(urls) > 1:
            with self._lock:
                last = self._last.get(provider.url, provider.url)
            urls.sort(key=lambda url: url != last)
        return urls

    def _note(self, provider: Provider, url: str) -> None:
        if not provider.others:
            return
        with self._lock:
            self._last[provider.url] = url
            self._last.move_to_end(provider.url)
            while len(self._last) > KNOWN:
                self._last.popitem(last=False)
