"""A node does not believe its gateway either: what it does not like in a job, it declines."""

from collections.abc import Callable
from typing import Any

import pytest

from gateway.node import job_orders
from gateway.node.job_orders import Bounds, Declined
from node_bridge.network.addresses import Guard, opened
from node_bridge.network.descriptions import Prices

SKILL = "transcode-1 ffmpeg-5.1"
CID = "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku"
BOUNDS = Bounds(frozenset({SKILL}), 1000, 5000, Prices(0, 0, {"240": 10, "480": 20}))
LOOPBACK = Guard(opened(["127.0.0.0/8"]))


def job(**changes: Any) -> dict[str, Any]:
    return {
        "key": "abcDEF_-123",
        "kind": "transcode",
        "needs": SKILL,
        "spec": {"rungs": [{"name": "480"}, {"name": "240"}]},
        "source": {"cid": CID, "size": 1000, "url": f"http://127.0.0.1:80/g/token/ipfs/{CID}"},
        "rungs": ["480", "240"],
        "seconds": 8.0,
        "most_bytes": 5000,
        "price": 30,
        "lease": 30,
        "patience": 100,
        **changes,
    }


def test_a_job_that_suits_is_read() -> None:
    order = job_orders.read(job(), BOUNDS, LOOPBACK)
    assert (order.key, order.cid, order.size, order.lease) == ("abcDEF_-123", CID, 1000, 30)
    assert order.target == f"/g/token/ipfs/{CID}"
    assert order.source.is_plain


@pytest.mark.parametrize(
    "changes",
    [
        {"key": "../../etc"},
        {"key": None},
        {"kind": "shell"},
        {"needs": "transcode-9 ffmpeg-9"},
        {"needs": None},
        {"spec": "ffmpeg -i http://…"},
        {"spec": {"rungs": [{"name": "2160"}]}},  # more work than is paid
        {"spec": {"rungs": "480"}},
        {"source": None},
        {"source": {"cid": "x", "size": 1, "url": "http://127.0.0.1/"}},
        {"source": {"cid": CID, "size": 1001, "url": "http://127.0.0.1/"}},
        {"source": {"cid": CID, "size": -1, "url": "http://127.0.0.1/"}},
        {"source": {"cid": CID, "size": True, "url": "http://127.0.0.1/"}},
        {"rungs": []},
        {"rungs": ["480"] * 9},
        {"rungs": ["480", "240x"]},
        {"rungs": [480, 240]},
        {"seconds": float("nan")},
        {"seconds": float("inf")},
        {"seconds": -1},
        {"seconds": "8"},
        {"seconds": 10**6},
        {"most_bytes": 5001},
        {"most_bytes": 1.5},
        {"price": 29},
        {"price": "30"},
        {"lease": 601},
        {"lease": -1},
        {"patience": None},
    ],
)
def test_what_does_not_suit_is_declined(changes: dict[str, Any]) -> None:
    with pytest.raises(Declined):
        job_orders.read(job(**changes), BOUNDS, LOOPBACK)


@pytest.mark.parametrize(
    "url",
    [
        "http://10.0.0.1/ipfs/",
        "http://192.168.1.1:8080/admin",
        "http://127.0.0.1:80/admin?delete=all",
        "http://somewhere.example/ipfs/",
        "https://user:word@somewhere.example/ipfs/",
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
        "http://127.0.0.1:80/g/tok en/ipfs/",
        "x" * 2000,
        None,
        7,
    ],
)
def test_a_source_that_leads_elsewhere_is_declined(url: object) -> None:
    with pytest.raises(Declined):
        job_orders.read(job(source={"cid": CID, "size": 1, "url": url}), BOUNDS, LOOPBACK)


def test_without_loopback_opened_nothing_plain_is_fetched() -> None:
    with pytest.raises(Declined):
        job_orders.read(job(), BOUNDS, Guard())


Change = Callable[[dict[str, Any]], object]


@pytest.mark.parametrize("name", sorted(job()))
def test_nothing_may_be_missing(name: str) -> None:
    said = job()
    del said[name]
    with pytest.raises(Declined):
        job_orders.read(said, BOUNDS, LOOPBACK)
