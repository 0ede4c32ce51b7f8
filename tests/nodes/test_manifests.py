"""Manifests: read back as written, sealed, and refused when anything does not add up."""

from collections.abc import Callable
from typing import Any

import libipld
import pytest

from node_bridge import cid as cids
from node_bridge.cid import DAG_PB
from node_bridge.network import manifests
from node_bridge.network.coding import PART_STRIPES, SMALL, BadSeal, Seal
from node_bridge.network.manifests import BadManifest, Manifest, Part

KEY = bytes(32)


def raw(number: int) -> str:
    return str(cids.of(b"%d" % number))


def part(stripes: int, name: str = "set:a") -> Part:
    return Part(
        name,
        tuple(str(cids.of(b"%d" % n, DAG_PB)) for n in range(5)),
        tuple(tuple(raw(100 * n + s) for s in range(stripes)) for n in range(5)),
    )


def manifest(stripes: int = 2) -> Manifest:
    return Manifest(SMALL, stripes * SMALL.stripe - 5, (part(stripes),))


def sealed(one: Manifest) -> bytes:
    return b"".join(manifests.seal(one, KEY))


def test_a_manifest_is_read_as_it_was_written() -> None:
    large = Manifest(SMALL, (PART_STRIPES + 1) * SMALL.stripe, (part(PART_STRIPES), part(1)))
    for one in (manifest(), large, Manifest(SMALL, 0, ())):
        assert manifests.unseal(sealed(one), KEY) == one
    assert large.at(PART_STRIPES) == (part(1), 0)
    assert large.at(3) == (part(PART_STRIPES), 3)


def test_a_manifest_shows_nothing_without_its_key() -> None:
    said = sealed(manifest())
    assert b"codec" not in said
    assert b"isa_l" not in said
    for wrong in (said[:-1], said + b"\0", said[:5] + b"x" + said[6:]):
        with pytest.raises(BadSeal):
            manifests.unseal(wrong, KEY)
    with pytest.raises(BadSeal):
        manifests.unseal(said, bytes(31) + b"\1")


def _without(name: str) -> Callable[[dict[str, Any]], object]:
    return lambda said: said.pop(name)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda said: said.update(v=2),
        lambda said: said.update(codec="zfec:3:5"),
        lambda said: said.update(size=-1),
        lambda said: said.update(size=1 << 60),
        lambda said: said.update(size="7"),
        lambda said: said.update(size=1),
        lambda said: said.update(parts=None),
        lambda said: said["parts"].append(said["parts"][0]),
        lambda said: said["parts"][0]["columns"].pop(),
        lambda said: said["parts"][0]["shards"][0].pop(),
        lambda said: said["parts"][0].update(set=5),
        lambda said: said["parts"][0]["shards"][0].__setitem__(0, b"no cid"),
        lambda said: said["parts"][0]["shards"][0].__setitem__(0, said["parts"][0]["columns"][0]),
        _without("v"),
        _without("codec"),
        _without("size"),
        _without("parts"),
    ],
)
def test_a_manifest_that_does_not_add_up_is_refused(
    spoil: Callable[[dict[str, Any]], object],
) -> None:
    said = libipld.decode_dag_cbor(Seal(KEY, "manifest").open(0, sealed(manifest())))
    spoil(said)
    wrong = Seal(KEY, "manifest").close(0, libipld.encode_dag_cbor(said))
    with pytest.raises(BadManifest):
        manifests.unseal(wrong, KEY)


def test_what_is_no_dag_cbor_is_refused() -> None:
    with pytest.raises(BadManifest):
        manifests.unseal(Seal(KEY, "manifest").close(0, b"\xff\xff"), KEY)
