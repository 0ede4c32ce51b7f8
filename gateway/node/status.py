"""The node's page in a terminal: what it keeps, what it served, what the gateway says of it."""

import time
from collections import Counter
from datetime import UTC, datetime

from gateway.node import holdings, notes, order_book
from gateway.node.amounts import coin_text, hours_text, rate_text, size_text
from gateway.node.composing import Parts
from gateway.node.leasing import is_open

STATES = {
    "": "it has not heard from its gateway yet",
    "joining": "joining: the gateway has still to reach it",
    "active": "active",
    "suspect": "silent, says the gateway",
    "lost": "lost, says the gateway",
    "leaving": "leaving: what it keeps is copied elsewhere",
    "gone": "gone, in good order",
    "refused": "refused by the gateway",
}


def page(parts: Parts, *, is_running: bool) -> str:
    """All of it as lines of text."""
    config, book = parts.config, parts.book
    space = parts.leasing.space()
    states = Counter(holding.state for holding in holdings.all_of(book))
    today = notes.counted(book, datetime.now(UTC).date().isoformat())
    sold = order_book.totals(book)
    rows = [
        ("Node", parts.identity.peer_id),
        ("Runs", _runs(parts, is_running)),
        ("Gateway", config.gateway),
        ("Standing", _standing(parts)),
        ("Address", ", ".join(config.public_urls)),
        ("Room", f"{size_text(space.promised)} of {size_text(space.quota)} promised,"),
        ("", f"{size_text(space.stored)} here, {size_text(space.free)} to sell,"),
        ("", f"{size_text(space.disk_free)} truly free on the disk"),
        ("Leases", f"{states['held']} held, {states['fetching']} being fetched,"),
        ("", f"{states['refused']} refused"),
        ("Line", f"{rate_text(config.bandwidth)}; {size_text(today.get('served', 0))} sent today"),
        ("Receipts", f"{size_text(sold['received'])} signed for by readers,"),
        ("", f"{size_text(sold['handed'])} of it acknowledged by the gateway"),
        ("Prices", f"{coin_text(config.prices.storage)} CLD a GiB and 30 days,"),
        ("", f"{coin_text(config.prices.delivery)} CLD a GiB delivered"),
    ]
    return "\n".join(f"{name:<10}{text}" for name, text in rows + _troubles(parts))


def _runs(parts: Parts, is_running: bool) -> str:  # noqa: FBT001 - a fact, not a switch
    if not is_running:
        return "no"
    hours = hours_text(parts.config.hours)
    return "yes" if is_open(parts.config, time.time()) else f"yes, closed now (hours {hours})"


def _standing(parts: Parts) -> str:
    state, why = notes.read(parts.book, "state"), notes.read(parts.book, "why")
    heard = notes.read(parts.book, "heard")
    ago = f", heard {int(time.time()) - int(heard)} s ago" if heard else ""
    return STATES.get(state, state) + ago + (f" ({why})" if why else "")


def _troubles(parts: Parts) -> list[tuple[str, str]]:
    """Leases that do not come, and why; the newest few."""
    stuck = [holding for holding in holdings.all_of(parts.book) if holding.why]
    return [("Trouble", f"{holding.serial}: {holding.why}") for holding in stuck[-5:]]
