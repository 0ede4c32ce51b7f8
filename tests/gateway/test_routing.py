"""/routing/v1: who has an open CID, in the words of Delegated Routing V1, and nothing private."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest

from gateway import Gateway, Peer, Uploads
from node_bridge import Cid, Keyring, MemoryEngine
from node_bridge.cid import ParsedCid
from node_bridge.network.identity import PREFIX, Identity, public_key
from tests.gateway.asking import MemorySite, Reply, ask

HOME = Identity.create().peer_id
NODE = Identity.create().peer_id
GATEWAY = Peer(HOME, ("/dns/gate.example/tcp/443/tls/http", "/ip4/192.0.2.1/tcp/80/http"))
OTHER = Peer(NODE, ("/dns/node.example/tcp/4443/tls/http",), ("transport-bitswap",))
NOWHERE = Peer(Identity.create().peer_id, (), ())


@dataclass
class MemoryRouter:
    """Tells of everybody it has, whatever is asked, and remembers the questions."""

    peers: list[Peer] = field(default_factory=lambda: [GATEWAY, OTHER, NOWHERE])
    asked: list[str] = field(default_factory=list)

    async def providers(self, cid: Cid) -> Sequence[Peer]:
        self.asked.append(cid)
        return self.peers

    async def peer(self, peer_id: str) -> Peer | None:
        self.asked.append(peer_id)
        return next((peer for peer in self.peers if peer.peer_id == peer_id), None)


@pytest.fixture
def router() -> MemoryRouter:
    return MemoryRouter()


@pytest.fixture
def gateway(
    engine: MemoryEngine, site: MemorySite, keyring: Keyring, uploads: Uploads, router: MemoryRouter
) -> Gateway:
    whole = replace(site.as_site(), router=router)
    return Gateway(engine=engine, keyring=keyring, site=whole, uploads=uploads)


def providers(reply: Reply) -> list[str]:
    assert reply.status == 200, reply.text
    return [peer["ID"] for peer in json.loads(reply.body)["Providers"]]


async def test_providers_of_an_open_root_are_told_with_how_to_reach_them(
    gateway: Gateway, open_root: Cid
) -> None:
    reply = await ask(gateway, "GET", f"/routing/v1/providers/{open_root}")
    assert json.loads(reply.body)["Providers"][0] == {
        "Schema": "peer",
        "ID": HOME,
        "Addrs": list(GATEWAY.addrs),
        "Protocols": ["transport-ipfs-gateway-http"],
    }
    assert providers(reply) == [HOME, NODE, NOWHERE.peer_id]
    assert reply.headers["content-type"] == "application/json"
    assert reply.headers["vary"] == "Accept"
    assert reply.headers["access-control-allow-origin"] == "*"
    assert "max-age=300" in reply.headers["cache-control"]
    assert reply.headers["last-modified"].endswith("GMT")


async def test_what_is_not_open_is_never_announced_nor_even_asked_for(
    gateway: Gateway, root: Cid, router: MemoryRouter
) -> None:
    reply = await ask(gateway, "GET", f"/routing/v1/providers/{root}")
    assert providers(reply) == []
    assert router.asked == []
    assert "max-age=15" in reply.headers["cache-control"]


async def test_a_stream_has_a_line_for_each_record_and_comes_only_when_asked_for(
    gateway: Gateway, open_root: Cid
) -> None:
    path = f"/routing/v1/providers/{open_root}"
    lines = await ask(gateway, "GET", path, {"Accept": "application/x-ndjson, */*;q=0.1"})
    assert lines.headers["content-type"] == "application/x-ndjson"
    assert [json.loads(line)["ID"] for line in lines.text.splitlines()] == [
        HOME, NODE, NOWHERE.peer_id,
    ]  # fmt: skip
    for accept in ("*/*", "application/json", "application/x-ndjsonx"):
        plain = await ask(gateway, "GET", path, {"Accept": accept})
        assert plain.headers["content-type"] == "application/json", accept


async def test_an_empty_stream_is_200_too(gateway: Gateway, root: Cid) -> None:
    path = f"/routing/v1/providers/{root}"
    reply = await ask(gateway, "GET", path, {"Accept": "application/x-ndjson"})
    assert (reply.status, reply.body) == (200, b"")


async def test_json_is_bounded_and_a_stream_is_not(
    gateway: Gateway, open_root: Cid, router: MemoryRouter
) -> None:
    router.peers = [GATEWAY] * 130
    path = f"/routing/v1/providers/{open_root}"
    assert len(providers(await ask(gateway, "GET", path))) == 100
    lines = await ask(gateway, "GET", path, {"Accept": "application/x-ndjson"})
    assert len(lines.text.splitlines()) == 130


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("filter-addrs=tls", [HOME, NODE]),
        ("filter-addrs=TLS", [HOME, NODE]),
        ("filter-addrs=ip4", [HOME]),
        ("filter-addrs=!ip4", [HOME, NODE]),
        ("filter-addrs=http,!tls", [HOME]),
        ("filter-addrs=webtransport", []),
        ("filter-addrs=unknown", [NOWHERE.peer_id]),
        ("filter-addrs=webrtc,unknown", [NOWHERE.peer_id]),
        ("filter-protocols=transport-bitswap", [NODE]),
        ("filter-protocols=Transport-IPFS-Gateway-HTTP", [HOME]),
        ("filter-protocols=unknown", [NOWHERE.peer_id]),
        ("filter-protocols=unknown,transport-bitswap", [NODE, NOWHERE.peer_id]),
        ("filter-protocols=transport-bitswap&filter-addrs=ip4", []),
        ("filter-addrs=", [HOME, NODE, NOWHERE.peer_id]),
    ],
)
async def test_filters_leave_out_who_does_not_pass(
    gateway: Gateway, open_root: Cid, query: str, kept: list[str]
) -> None:
    reply = await ask(gateway, "GET", f"/routing/v1/providers/{open_root}?{query}")
    assert providers(reply) == kept


async def test_addresses_are_filtered_one_by_one_and_protocols_are_not(
    gateway: Gateway, open_root: Cid
) -> None:
    query = "filter-addrs=!tls&filter-protocols=transport-ipfs-gateway-http"
    reply = await ask(gateway, "GET", f"/routing/v1/providers/{open_root}?{query}")
    (peer,) = json.loads(reply.body)["Providers"]
    assert peer["Addrs"] == ["/ip4/192.0.2.1/tcp/80/http"]
    assert peer["Protocols"] == ["transport-ipfs-gateway-http"]


async def test_a_peer_is_found_by_every_writing_of_its_name(gateway: Gateway) -> None:
    key = PREFIX[2:] + public_key(NODE).public_bytes_raw()
    for name in (NODE, str(ParsedCid(0x72, key, 0))):
        reply = await ask(gateway, "GET", f"/routing/v1/peers/{name}")
        assert [peer["ID"] for peer in json.loads(reply.body)["Peers"]] == [NODE]


async def test_a_peer_nobody_knows_is_an_empty_list(gateway: Gateway) -> None:
    rsa = "QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N"
    for name in (Identity.create().peer_id, rsa, str(ParsedCid(0x72, b"x" * 36, 0))):
        reply = await ask(gateway, "GET", f"/routing/v1/peers/{name}")
        assert (reply.status, json.loads(reply.body)) == (200, {"Peers": []})


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("providers/not-a-cid", 422),
        ("providers/" + "b" * 400, 422),
        ("peers/not-a-peer", 422),
        ("peers/1" + "0" * 40, 422),
        ("peers/bafkqaaa", 422),
        ("providers/bafkqaaa?filter-protocols=" + "x" * 70, 422),
        ("providers/bafkqaaa?filter-addrs=" + ",".join("abcdefghijklmnopqrstuvwxyz1234567"), 422),
        ("providers/", 400),
        ("providers/bafkqaaa/more", 400),
        ("dht/bafkqaaa", 400),
        ("ipns/k51qzi5uqu5dlvj2", 501),
    ],
)
async def test_what_cannot_be_read_or_is_not_offered_says_so(
    gateway: Gateway, router: MemoryRouter, path: str, status: int
) -> None:
    reply = await ask(gateway, "GET", f"/routing/v1/{path}")
    assert reply.status == status
    assert reply.headers["cache-control"] == "no-store"
    assert router.asked == []


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE"])
async def test_nobody_announces_anything_here(
    gateway: Gateway, open_root: Cid, method: str
) -> None:
    reply = await ask(gateway, method, f"/routing/v1/providers/{open_root}")
    assert (reply.status, reply.headers["x-refusal"]) == (501, "not-offered")


async def test_any_page_may_ask(gateway: Gateway, open_root: Cid) -> None:
    reply = await ask(gateway, "OPTIONS", f"/routing/v1/providers/{open_root}")
    assert reply.status == 204
    assert "GET" in reply.headers["access-control-allow-methods"]
    assert reply.headers["access-control-allow-origin"] == "*"


async def test_head_has_the_headers_alone(gateway: Gateway, open_root: Cid) -> None:
    reply = await ask(gateway, "HEAD", f"/routing/v1/providers/{open_root}")
    assert reply.status == 200
    assert not reply.body
    assert int(reply.headers["content-length"]) > 100


async def test_without_a_router_there_is_nothing_here(
    engine: MemoryEngine, site: MemorySite, keyring: Keyring, uploads: Uploads
) -> None:
    gateway = Gateway(engine=engine, keyring=keyring, site=site.as_site(), uploads=uploads)
    assert (await ask(gateway, "GET", "/routing/v1/providers/bafkqaaa")).status == 404
