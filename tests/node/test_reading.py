"""A node gives what it holds in forms that prove themselves, to who may have it."""

import time
from io import BytesIO

from node_bridge import car, cid, dagpb
from node_bridge.network import challenges
from node_bridge.unixfs import FOLDER
from tests.node import graphs
from tests.node.calling import Answer, Caller
from tests.node.conftest import Make

FILM = graphs.film(1_200_000)
ROOT_KEY, ROOT = FILM.blocks[0]
LEAF_KEY, LEAF = FILM.blocks[-1]


def plain(node: Caller, path: str, **headers: str) -> Answer:
    return node.ask("GET", path, headers=headers)


def spoil(node: Caller, digest: bytes) -> None:
    """The disk changes a byte of a block."""
    name = digest.hex()
    path = node.parts.config.folder / "store" / "blocks" / name[:2] / name
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def test_every_block_of_a_lease_is_served_as_it_is(make_node: Make) -> None:
    node = make_node(free_reads=True)
    node.hold(FILM)
    for key, data in FILM.blocks:
        answer = plain(node, f"/ipfs/{key}?format=raw")
        assert (answer.status, answer.body) == (200, data)
        assert answer.headers["content-type"] == "application/vnd.ipld.raw"
        assert answer.headers["content-length"] == str(len(data))
    by_accept = plain(node, f"/ipfs/{ROOT_KEY}", accept="application/vnd.ipld.raw")
    assert by_accept.body == ROOT


def test_an_archive_holds_the_whole_graph(make_node: Make) -> None:
    node = make_node(free_reads=True)
    node.hold(FILM)
    answer = plain(node, f"/ipfs/{FILM.cid}?format=car")
    blocks = {str(key): bytes(data) for key, data in car.Archive(BytesIO(answer.body)).blocks()}
    assert blocks == {str(key): data for key, data in FILM.blocks}


def test_an_archive_of_a_path_holds_the_way_and_the_part(make_node: Make) -> None:
    node = make_node(free_reads=True)
    node.hold(FILM)
    query = "format=car&dag-scope=entity&entity-bytes=0:1048575"
    answer = plain(node, f"/ipfs/{FILM.cid}/film.mp4?{query}")
    blocks = [bytes(data) for _, data in car.Archive(BytesIO(answer.body)).blocks()]
    assert len(blocks) == 3
    assert blocks[-1] == FILM.blocks[2][1]


def test_a_leaf_that_reads_as_a_folder_is_no_way_into_other_leases(make_node: Make) -> None:
    node = make_node(free_reads=True)
    node.hold(FILM, kind="shard")
    bait = dagpb.encode(FOLDER, [dagpb.Link("film", 0, ROOT_KEY)])
    leaf = graphs.made(str(cid.of(bait)), [(cid.of(bait), bait)])
    node.hold(leaf, serial="2")
    assert plain(node, f"/ipfs/{leaf.cid}?format=car").status == 200
    for query in ("?format=car", "/film?format=car", "?format=car&dag-scope=block"):
        answer = plain(node, f"/ipfs/{cid.of(bait, cid.DAG_PB)}{query}")
        assert (answer.status, answer.refusal) == (406, "not-acceptable"), query
        assert ROOT not in answer.body


def test_no_archive_has_a_block_that_the_operator_refuses(make_node: Make) -> None:
    node = make_node(free_reads=True)
    node.hold(FILM)
    (node.parts.config.folder / "refuse.txt").write_text(f"{LEAF_KEY}\n")
    path = f"/ipfs/{FILM.cid}?format=car"
    for answer in (plain(node, path), node.order("GET", path)):
        assert (answer.status, answer.refusal) == (451, "refused-content")
    assert plain(node, f"/ipfs/{FILM.cid}?format=raw").body == ROOT


def test_head_tells_the_size_and_sends_nothing(node: Caller) -> None:
    node.hold(FILM)
    answer = node.order("HEAD", f"/ipfs/{LEAF_KEY}?format=raw")
    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["content-length"] == str(len(LEAF))


def test_what_is_known_is_not_sent_again(make_node: Make) -> None:
    node = make_node(free_reads=True)
    node.hold(FILM)
    path = f"/ipfs/{LEAF_KEY}?format=raw"
    etag = plain(node, path).headers["etag"]
    again = node.ask("GET", path, headers={"if-none-match": etag})
    assert (again.status, again.body) == (304, b"")


def test_the_empty_probe_is_there_for_everybody(node: Caller) -> None:
    answer = plain(node, "/ipfs/bafkqaaa?format=raw")
    assert (answer.status, answer.body) == (200, b"")


def test_a_bad_cid_of_any_kind_is_refused(node: Caller) -> None:
    for name in ("x", "Qm", "bafy", "b", "f01551220", "z6Mk", "bafkqbaaaaa" + "a" * 400, "%00"):
        answer = plain(node, f"/ipfs/{name}?format=raw")
        assert (answer.status, answer.refusal) == (400, "malformed"), name


def test_forms_that_prove_nothing_are_not_served(make_node: Make) -> None:
    node = make_node(free_reads=True)
    node.hold(FILM)
    for query, status in (("", 406), ("?format=json", 406), ("?format=zip", 400)):
        answer = plain(node, f"/ipfs/{FILM.cid}/film.mp4{query}")
        assert answer.status == status, query
        assert LEAF[:100] not in answer.body


def test_what_is_not_held_is_not_there(make_node: Make) -> None:
    node = make_node(free_reads=True)
    assert plain(node, f"/ipfs/{FILM.cid}?format=raw").refusal == "not-held"
    node.take(FILM)
    node.parts.leasing.store.take(list(FILM.blocks))
    assert audit(node, ROOT_KEY).refusal == "not-held"
    assert plain(node, f"/ipfs/{FILM.cid}?format=raw").refusal == "not-held"


def test_bytes_are_sold_unless_the_operator_gives_them_away(node: Caller) -> None:
    node.hold(FILM)
    refused = plain(node, f"/ipfs/{FILM.cid}?format=raw")
    assert (refused.status, refused.refusal) == (402, "payment-due")
    assert node.read(FILM.cid).body == ROOT


def test_shards_are_never_given_away(make_node: Make) -> None:
    node = make_node(free_reads=True)
    node.hold(FILM, kind="shard")
    assert plain(node, f"/ipfs/{FILM.cid}?format=raw").status == 402
    assert node.read(FILM.cid).status == 200


def test_other_methods_are_refused(node: Caller) -> None:
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        assert node.ask(method, f"/ipfs/{FILM.cid}?format=raw").status == 405


def test_a_browser_may_ask_from_any_page(node: Caller) -> None:
    answer = node.ask("OPTIONS", "/wt/v1/receipts")
    assert answer.status == 204
    assert "Authorization" in answer.headers["access-control-allow-headers"]
    assert plain(node, f"/ipfs/{FILM.cid}?format=raw").headers["access-control-allow-origin"] == "*"


def test_a_damaged_block_is_not_served_and_fetched_anew(node: Caller) -> None:
    node.hold(FILM)
    spoil(node, LEAF_KEY.digest)
    refused = node.read(LEAF_KEY)
    assert (refused.status, refused.refusal) == (410, "damaged")
    assert node.order("GET", "/wt/v1/leases/1").said["state"] == "fetching"
    assert node.read(ROOT_KEY).body == ROOT
    assert node.push(FILM.archive).said["state"] == "held"
    assert node.read(LEAF_KEY).body == LEAF


def audit(node: Caller, *blocks: object, **changes: object) -> Answer:
    said = {
        "serial": "1",
        "nonce": "ab" * 32,
        "blocks": [str(block) for block in blocks],
        "deadline": time.time() + 5,
        **changes,
    }
    return node.order("POST", "/wt/v1/audits", said)


def test_a_proof_is_over_the_blocks_under_the_nonce(node: Caller) -> None:
    node.hold(FILM)
    nonce = bytes.fromhex("ab" * 32)
    expected = challenges.root(nonce, [LEAF, ROOT]).hex()
    assert audit(node, LEAF_KEY, ROOT_KEY).said == {"root": expected}


def test_a_question_that_cannot_be_answered_is_refused_by_name(node: Caller) -> None:
    node.hold(FILM)
    stranger = cid.of(b"a stranger")
    for answer, refusal in (
        (audit(node, stranger), "not-held"),
        (audit(node), "malformed"),
        (audit(node, *[LEAF_KEY] * 17), "malformed"),
        (audit(node, "x"), "malformed"),
        (audit(node, LEAF_KEY, nonce="ab"), "malformed"),
        (audit(node, LEAF_KEY, serial="2"), "no-such-lease"),
        (audit(node, LEAF_KEY, serial=5), "malformed"),
        (audit(node, LEAF_KEY, deadline=True), "malformed"),
        (audit(node, LEAF_KEY, deadline=time.time() - 1), "late"),
    ):
        assert answer.refusal == refusal


def test_a_block_under_another_lease_proves_nothing(node: Caller) -> None:
    other = graphs.film(1000, seed=2)
    node.hold(FILM)
    node.hold(other, serial="2")
    assert audit(node, other.blocks[0][0]).refusal == "not-held"


def test_a_damaged_block_cannot_be_proved(node: Caller) -> None:
    node.hold(FILM)
    spoil(node, LEAF_KEY.digest)
    refused = audit(node, LEAF_KEY)
    assert (refused.status, refused.refusal) == (410, "damaged")
    assert node.order("GET", "/wt/v1/leases/1").said["state"] == "fetching"


def test_a_stopping_node_takes_nothing_new(node: Caller) -> None:
    node.hold(FILM)
    node.app.is_stopping = True
    assert node.read(FILM.cid).status == 503
    assert node.take(FILM).status == 503
    assert node.ask("GET", "/health").said["status"] == "stopping"
