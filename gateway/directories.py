"""The page that lists a folder: the gateway's own code, every name in it a stranger's."""

import asyncio
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from html import escape
from itertools import islice
from pathlib import Path
from urllib.parse import quote

from gateway.answers import Answer, send_answer
from gateway.asgi import Request
from gateway.hot import HotBlocks
from gateway.metering import Counting
from gateway.places import Place, written
from gateway.refusals import Malformed
from gateway.sending import unchanged
from node_bridge import Entry, NodeEngine, Stat

NAMES = 1000  # on a page
PAGES = 100  # as many as the node would list names
STYLE = Path(__file__).with_name("directories.css").read_text()
LOOK = b64encode(sha256(STYLE.encode()).digest()).decode()
POLICY = (
    f"sandbox allow-downloads; default-src 'none'; style-src 'sha256-{LOOK}'; base-uri 'none';"
    " form-action 'none'; frame-ancestors 'none'"
)
# What browsers keep of a page: a week, since the page, unlike the folder, may change its looks.
PUBLIC = "public, max-age=604800, stale-while-revalidate=2678400"
UNITS = ("KiB", "MiB", "GiB", "TiB", "PiB")


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a folder's names; `number` counts from 1."""

    place: Place
    entries: tuple[Entry, ...]
    number: int
    has_more: bool


class Directories:
    def __init__(self, hot: HotBlocks, counting: Counting) -> None:
        self._hot = hot
        self._counting = counting

    async def send(self, request: Request, place: Place, stat: Stat) -> None:
        """Answer with the page of a folder; raises Malformed, NodeError or TooSlow."""
        number = _page(request)
        headers = place.headers(stat, etag=f'"DirIndex-{LOOK[:8]}-{number}_CID-{written(stat)}"')
        headers["Content-Type"] = "text/html; charset=utf-8"
        headers["Content-Security-Policy"] = POLICY
        if place.admitted.grant is None:
            headers["Cache-Control"] = PUBLIC
        if await unchanged(request, headers, f'"{written(stat)}"'):
            return
        reading = self._hot.read(place.path, lambda engine: _listing(engine, place, number))
        listing = await self._hot.in_time(reading)
        body = await asyncio.to_thread(lambda: "".join(page(listing)).encode())
        is_head = request.method == "HEAD"
        await send_answer(request.send, Answer(200, headers, body), head=is_head)
        self._counting.add(place.admitted.key, 0 if is_head else len(body))


def _listing(engine: NodeEngine, place: Place, number: int) -> Listing:
    """In a thread: one page of names, and whether there is another."""
    first = (number - 1) * NAMES
    found = tuple(islice(engine.ls(place.path), first, first + NAMES + 1))
    return Listing(place, found[:NAMES], number, len(found) > NAMES)


def page(listing: Listing) -> Iterator[str]:
    """The page, piece by piece."""
    place = listing.place
    title = escape(f"/ipfs/{place.asked}{place.below}")
    yield '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    yield '<meta name="robots" content="noindex">\n'
    yield f"<title>{title}</title>\n<style>{STYLE}</style>\n"
    yield "<header><p>Index of</p>\n"
    yield f"<h1>/ipfs/{'/'.join(_crumbs(place))}</h1></header>\n"
    yield '<main><table>\n<thead><tr><th scope="col">Name</th>'
    yield '<th scope="col">CID</th><th scope="col">Size</th></tr></thead>\n<tbody>\n'
    if place.below.strip("/"):
        yield f'<tr><td colspan="3"><a href="{_address(place)}/..">..</a></td></tr>\n'
    for entry in listing.entries:
        yield _row(place, entry)
    yield "</tbody></table>\n"
    if not listing.entries:
        yield '<p class="empty">There is nothing in this folder.</p>\n'
    yield from _pages(listing)
    yield "</main>\n</html>\n"


def _crumbs(place: Place) -> Iterator[str]:
    """A link to each folder on the way, the root first."""
    href = escape(f"{place.base}{place.asked}")
    yield f'<a href="{href}">{escape(place.asked)}</a>'
    for name in place.below.strip("/").split("/") if place.below.strip("/") else ():
        href += f"/{_quoted(name)}"
        yield f'<a href="{href}">{escape(name)}</a>'


def _row(place: Place, entry: Entry) -> str:
    href = f"{_address(place)}/{_quoted(entry.name)}"
    return (
        f'<tr><td><a href="{href}">{escape(entry.name)}</a></td>'
        f"<td>{_hash(place, entry)}</td><td>{_size(entry.dag_size)}</td></tr>\n"
    )


def _hash(place: Place, entry: Entry) -> str:
    """The child by its own CID; a grant is for its root alone, so there it is no link."""
    cid = escape(entry.cid)
    if place.admitted.grant is not None:
        return f'<span class="ipfs-hash" translate="no">{cid}</span>'
    # Quoted twice, as every gateway does and the conformance suite asks.
    href = f"{escape(place.base)}{cid}?filename={_quoted(quote(entry.name, safe=''))}"
    return f'<a class="ipfs-hash" translate="no" href="{href}">{cid}</a>'


def _pages(listing: Listing) -> Iterator[str]:
    if listing.number == 1 and not listing.has_more:
        return
    yield "<nav>"
    if listing.number > 1:
        yield f'<a rel="prev" href="?page={listing.number - 1}">Earlier names</a>'
    if listing.has_more:
        yield f'<a rel="next" href="?page={listing.number + 1}">More names</a>'
    yield "</nav>\n"


def _address(place: Place) -> str:
    return escape(place.address.rstrip("/"))


def _quoted(name: str) -> str:
    return escape(quote(name, safe=""))


def _size(size: int) -> str:
    """In powers of 1024; what a folder claims may be anything."""
    if size < 1024:
        return f"{size} B"
    power = min((size.bit_length() - 1) // 10, len(UNITS))
    return f"{size / 1024**power:.4g} {UNITS[power - 1]}"


def _page(request: Request) -> int:
    """The page that is asked for; raises Malformed."""
    text = request.query.get("page", "1")
    if not (text.isascii() and text.isdigit() and len(text) < 4 and 1 <= int(text) <= PAGES):
        raise Malformed(f"A folder's page is a number from 1 to {PAGES}.")
    return int(text)
