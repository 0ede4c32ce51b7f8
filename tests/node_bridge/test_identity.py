"""An identity's name carries its public key, and its file is for its owner alone."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from node_bridge.cid import BASE58
from node_bridge.network import identity
from node_bridge.network.identity import BadKeyFile, BadPeerId, Identity

SPEC = "12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA"  # libp2p specs, peer-ids.md


def test_a_peer_id_carries_the_public_key() -> None:
    me = Identity.create()
    assert me.peer_id.startswith("12D3Koo")
    assert identity.public_key(me.peer_id).public_bytes_raw() == (
        me.key.public_key().public_bytes_raw()
    )


def test_the_peer_id_of_the_specification_reads_and_writes_the_same() -> None:
    assert identity.peer_id(identity.public_key(SPEC)) == SPEC


@given(st.text(max_size=80) | st.text(BASE58, max_size=60).map(lambda text: "1" + text))
def test_a_text_that_is_no_peer_id_is_refused(text: str) -> None:
    with pytest.raises(BadPeerId):
        identity.public_key(text)


@pytest.mark.parametrize("text", ["1" + SPEC, SPEC[:-1], SPEC + "1", SPEC.replace("K", "0")])
def test_a_peer_id_has_one_writing(text: str) -> None:
    with pytest.raises(BadPeerId):
        identity.public_key(text)


@pytest.mark.parametrize("y", [*identity.SMALL_ORDER, identity.P, identity.P + 1, 2**255 - 1])
@pytest.mark.parametrize("sign", [0, 1 << 255])
def test_a_key_that_anybody_can_sign_with_is_nobodys(y: int, sign: int) -> None:
    key = Ed25519PublicKey.from_public_bytes((y | sign).to_bytes(32, "little"))
    with pytest.raises(BadPeerId):
        identity.verify(identity.peer_id(key), b"anything", (1).to_bytes(32, "little") + bytes(32))


def test_a_signature_holds_for_its_key_and_message_alone() -> None:
    me, you = Identity.create(), Identity.create()
    signature = me.sign(b"bytes")
    assert identity.verify(me.peer_id, b"bytes", signature)
    assert not identity.verify(me.peer_id, b"other", signature)
    assert not identity.verify(you.peer_id, b"bytes", signature)


def test_a_saved_identity_loads_the_same_and_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "node.key"
    me = Identity.create()
    me.save(path)
    assert Identity.load(path).peer_id == me.peer_id
    assert path.stat().st_mode & 0o777 == 0o600
    assert [path] == list(path.parent.iterdir())


def test_a_key_is_never_written_over(tmp_path: Path) -> None:
    path = tmp_path / "node.key"
    me = Identity.create()
    me.save(path)
    with pytest.raises(FileExistsError):
        Identity.create().save(path)
    assert Identity.load(path).peer_id == me.peer_id
    assert [path] == list(tmp_path.iterdir())


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "node.key"
    Identity.create().save(path)
    path.chmod(0o640)
    with pytest.raises(BadKeyFile, match="chmod 600"):
        Identity.load(path)


@pytest.mark.parametrize("content", [b"", b"short", b"x" * 33])
def test_a_file_that_holds_no_key_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "node.key"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(BadKeyFile):
        Identity.load(path)


def test_an_identity_does_not_show_its_key() -> None:
    me = Identity.create()
    assert repr(me) == f"Identity({me.peer_id})"


def test_threads_that_save_at_once_agree_on_one_key(tmp_path: Path) -> None:
    made = [Identity.create() for _ in range(8)]
    start = Barrier(8)

    def save(identity: Identity) -> bool:
        start.wait()
        try:
            identity.save(tmp_path / "key")
        except FileExistsError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        kept = [one for one, was_first in zip(made, pool.map(save, made), strict=True) if was_first]
    assert [each.peer_id for each in kept] == [Identity.load(tmp_path / "key").peer_id]
    assert [file.name for file in tmp_path.iterdir()] == ["key"]
