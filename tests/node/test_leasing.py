"""A node takes the leases its operator would, by its own gateway, and no others."""

import time
from pathlib import Path
from typing import Any

import pytest

from gateway.node import leasing as leasing_module
from gateway.node import notes, sources
from gateway.node.leasing import PATIENCE
from gateway.node.space import SPARE
from node_bridge.network import statements
from node_bridge.network.identity import Identity
from tests.node import graphs
from tests.node.calling import Caller
from tests.node.conftest import Make

FILM = graphs.film(300_000)
STRANGER = Identity.create()
LEASES = "/wt/v1/leases"


def leases_of(node: Caller) -> int:
    with node.parts.book.read() as db:
        return int(db.execute("SELECT count(*) FROM lease").fetchone()[0])


def test_a_lease_is_taken_and_told_of(node: Caller) -> None:
    taken = node.take(FILM)
    assert taken.status == 202
    assert taken.said["state"] == "fetching"
    assert node.order("GET", f"{LEASES}/1").said["size"] == FILM.size


def test_taking_it_again_changes_nothing(node: Caller) -> None:
    node.hold(FILM)
    assert node.take(FILM).said["state"] == "held"
    assert leases_of(node) == 1


UNSOUND: list[tuple[dict[str, Any], str]] = [
    ({"by": STRANGER}, "NotYours"),
    ({"node": STRANGER.peer_id}, "NotYours"),
    ({"not_before": 1, "not_after": 2}, "Expired"),
    ({"serial": "../../etc"}, "Malformed"),
    ({"cid": "bafynonsense"}, "Malformed"),
    ({"kind": "half"}, "Malformed"),
    ({"size": -1}, "Malformed"),
    ({"size": 1 << 43}, "Malformed"),
]


def test_a_lease_that_does_not_count_is_refused(node: Caller) -> None:
    for changes, why in UNSOUND:
        refused = node.take(FILM, **changes)
        assert (refused.status, refused.refusal) == (403, "unsigned"), changes
        assert refused.said["why"].startswith(why), changes
    assert leases_of(node) == 0


def test_only_the_gateway_orders(node: Caller) -> None:
    said = {"lease": node.lease(FILM), "sources": []}
    for refused in (
        node.ask("POST", LEASES, b'{"lease": "x"}'),
        node.ask("POST", LEASES, b"{}", headers={"authorization": "Bearer x"}),
        node.order("POST", LEASES, said, by=STRANGER),
        node.order("POST", LEASES, said, to=STRANGER.peer_id),
        node.order("POST", LEASES, said, now=time.time() - 120),
        node.order("DELETE", f"{LEASES}/1", by=STRANGER),
        node.order("GET", f"{LEASES}/1", by=STRANGER),
        node.order("POST", "/wt/v1/audits", {}, by=STRANGER),
        node.ask("PUT", f"{LEASES}/1/blocks", FILM.archive),
    ):
        assert (refused.status, refused.refusal) == (403, "not-allowed")
    assert (leases_of(node), node.stored) == (0, 0)


def test_a_request_counts_once(node: Caller) -> None:
    path = f"{LEASES}/1"
    headers = {"authorization": node.signed("DELETE", path, b"")}
    assert node.ask("DELETE", path, headers=headers).status == 204
    assert node.ask("DELETE", path, headers=headers).refusal == "not-allowed"


def test_a_body_that_is_no_lease_is_refused(node: Caller) -> None:
    for body in (b"", b"{", b"[]", b"null", b'{"lease": 5}', b"\xff" * 100):
        headers = {"authorization": node.signed("POST", LEASES, body)}
        refused = node.ask("POST", LEASES, body, headers=headers)
        assert (refused.status, refused.refusal) == (400, "malformed"), body
    assert leases_of(node) == 0


def test_a_body_without_end_is_refused(node: Caller) -> None:
    body = b" " * (300 * 1024)
    headers = {"authorization": node.signed("POST", LEASES, body)}
    refused = node.ask("POST", LEASES, body, headers=headers)
    assert (refused.status, refused.refusal) == (413, "too-large")


def test_a_lease_below_the_price_is_refused(make_node: Make) -> None:
    node = make_node(prices={"storage": "0.05"})
    refused = node.take(FILM, price=4_999_999)
    assert (refused.status, refused.refusal) == (409, "too-cheap")
    assert leases_of(node) == 0
    assert node.take(FILM, price=5_000_000).status == 202


def test_outside_its_hours_a_node_takes_nothing(make_node: Make) -> None:
    hour = time.gmtime().tm_hour
    node = make_node(hours=f"{(hour + 2) % 24}-{(hour + 3) % 24 or 24}")
    assert node.take(FILM).refusal == "closed"
    assert node.ask("GET", "/ipfs/bafkqaaa?format=raw").status == 200
    assert node.read(FILM.cid).refusal == "closed"
    assert leases_of(node) == 0


def test_a_leaving_node_takes_nothing_new_and_keeps_what_it_has(node: Caller) -> None:
    node.hold(FILM)
    notes.write(node.parts.book, "leaving", "1")
    assert node.take(graphs.film(10, seed=2), serial="2").refusal == "leaving"
    assert node.take(FILM).said["state"] == "held"
    assert node.read(FILM.cid).status == 200


def test_refused_content_is_neither_kept_nor_served(node: Caller) -> None:
    node.hold(FILM)
    folder: Path = node.parts.config.folder
    (folder / "refuse.txt").write_text(f"# by court\n{FILM.cid}  a remark\nnonsense\n")
    assert node.take(FILM, serial="2").status == 451
    for key, _ in FILM.blocks:
        refused = node.read(key)
        assert (refused.status, refused.refusal) == (451, "refused-content")
    assert leases_of(node) == 1
    (folder / "refuse.txt").unlink()
    assert node.read(FILM.cid).status == 200


def test_more_than_the_quota_is_refused(make_node: Make) -> None:
    node = make_node(quota="1 MB")
    assert node.take(FILM, size=600_000).status == 202
    refused = node.take(graphs.film(10), serial="2", size=400_001)
    assert (refused.status, refused.refusal) == (507, "quota-exceeded")
    assert node.take(graphs.film(10), serial="2", size=400_000).status == 202
    assert leases_of(node) == 2


def test_a_disk_with_less_room_than_the_quota_is_what_counts(
    node: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leasing_module, "disk_free", lambda _folder: SPARE + 9)
    refused = node.take(FILM)
    assert (refused.status, refused.refusal) == (507, "disk-full")
    assert leases_of(node) == 0


def test_a_renewed_lease_ends_later_and_never_earlier(node: Caller) -> None:
    node.hold(FILM)
    later = int(time.time()) + 9 * 3600
    node.parts.leasing.renew(node.lease(FILM, not_after=later))
    node.parts.leasing.renew(node.lease(FILM, not_after=later - 60))
    assert node.order("GET", f"{LEASES}/1").said["until"] == later


def test_what_one_lease_holds_another_need_not_fetch(node: Caller) -> None:
    node.hold(FILM)
    assert node.take(FILM, serial="2").said["state"] == "held"
    assert node.order("DELETE", f"{LEASES}/1").status == 204
    assert node.read(FILM.cid).status == 200


def test_a_lease_let_go_is_served_no_more_and_frees_its_room(
    make_node: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = make_node(free_reads=True)
    node.hold(FILM)
    assert node.ask("GET", f"/ipfs/{FILM.cid}?format=raw").status == 200
    assert node.order("DELETE", f"{LEASES}/1").status == 204
    assert node.order("DELETE", f"{LEASES}/1").status == 204
    assert node.ask("GET", f"/ipfs/{FILM.cid}?format=raw").refusal == "not-held"
    assert node.order("GET", f"{LEASES}/1").refusal == "no-such-lease"
    monkeypatch.setattr(node.parts.leasing.store._blocks, "_grace", -1.0)
    assert node.parts.leasing.store.gc() == FILM.size
    assert node.stored == 0


def test_a_lease_that_is_over_is_let_go_a_day_later(node: Caller) -> None:
    node.hold(FILM)
    end = node.parts.leasing.get("1").not_after
    assert node.parts.leasing.end_over(now=end + PATIENCE) == 0
    assert node.parts.leasing.end_over(now=end + PATIENCE + 1) == 1
    assert leases_of(node) == 0


def test_a_crash_between_book_and_engine_is_tidied(node: Caller) -> None:
    node.hold(FILM)
    with node.parts.book.write() as db:
        db.execute("DELETE FROM lease")
    assert list(node.parts.leasing.store.pins())
    node.parts.leasing.tidy()
    assert not list(node.parts.leasing.store.pins())


NO_SOURCES: list[object] = [
    5,
    "",
    "http://node.example",
    "ftp://node.example",
    "https://node.example/path",
    "https://node.example/ipfs/x?format=car",
    "https://user@node.example",
    "http://127.0.0.1:9",
    {"url": "https://node.example", "certificate": "zz"},
    {"url": "https://node.example", "more": 1},
    {"url": "https://node.example", "authorization": "a\r\nX: y"},
    "https://" + "a" * 2000,
    {"url": "https://node.example", "others": "https://two.example"},
    {"url": "https://node.example", "others": ["http://two.example"]},
    {"url": "https://node.example", "others": [5]},
    {"url": "https://node.example", "others": ["https://two.example"] * 8},
]


def test_a_source_may_have_several_addresses(node: Caller) -> None:
    said = {"url": "https://node.example", "others": ["https://two.example:9"]}
    (source,) = sources.parse([said], node.parts.config.guard)
    assert (source.item, source.provider.others) == (said, ("https://two.example:9",))
    assert node.take(FILM, [said]).status == 202


def test_a_source_that_is_none_is_refused(node: Caller) -> None:
    for source in NO_SOURCES:
        refused = node.take(FILM, [source])
        assert (refused.status, refused.refusal) == (400, "bad-source"), source
    assert leases_of(node) == 0


def test_another_kind_of_statement_is_no_lease(node: Caller) -> None:
    claims = {"aud": node.peer_id, "exp": int(time.time()) + 60}
    token = statements.state(node.gateway, statements.ORDER_LIMIT, claims)
    refused = node.order("POST", LEASES, {"lease": token, "sources": []})
    assert refused.refusal == "unsigned"
