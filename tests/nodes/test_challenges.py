"""Challenges: only who has the whole blocks, after the nonce is known, can answer."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node_bridge import cid as cids
from node_bridge.network import challenges
from node_bridge.network.challenges import BadQuestion, Question

NONCE = bytes(range(32))
BLOCKS = st.lists(st.binary(max_size=3 * 4096), min_size=1, max_size=4)


def test_the_root_is_that_of_the_description() -> None:
    """Worked out by hand: one block of two leaves."""
    block = b"a" * 4096 + b"b"
    leaves = [sha256(NONCE + part).digest() for part in (b"a" * 4096, b"b")]
    tree = sha256(b"\x01" + leaves[0] + leaves[1]).digest()
    expected = sha256(b"\x02" + (4097).to_bytes(8, "big") + tree).digest()
    assert challenges.root(NONCE, [block]) == expected


@given(BLOCKS, st.data())
def test_any_other_byte_anywhere_gives_another_root(
    blocks: list[bytes], data: st.DataObject
) -> None:
    right = challenges.root(NONCE, blocks)
    which = data.draw(st.integers(0, len(blocks) - 1))
    block = blocks[which]
    changed = block[:-1] + bytes([block[-1] ^ 1]) if block else b"x"
    assert challenges.root(NONCE, [*blocks[:which], changed, *blocks[which + 1 :]]) != right
    assert challenges.root(NONCE, [*blocks[:which], block + b"\0", *blocks[which + 1 :]]) != right


@given(BLOCKS)
def test_another_nonce_or_order_gives_another_root(blocks: list[bytes]) -> None:
    right = challenges.root(NONCE, blocks)
    assert challenges.root(bytes(32), blocks) != right
    if blocks != blocks[::-1]:
        assert challenges.root(NONCE, blocks[::-1]) != right


def test_the_cut_between_blocks_is_part_of_the_answer() -> None:
    assert challenges.root(NONCE, [b"ab", b"c"]) != challenges.root(NONCE, [b"a", b"bc"])


def test_a_question_is_answered_from_the_blocks_it_names() -> None:
    held = {str(cids.of(data)): data for data in (b"one", b"two" * 3000)}
    question = challenges.ask(list(held))
    said = challenges.answer(question, held.__getitem__).hex()
    assert challenges.is_right(said, challenges.root(question.nonce, held.values()))
    assert not challenges.is_right(
        said[:-1] + ("0" if said[-1] != "0" else "1"), bytes.fromhex(said)
    )
    assert not challenges.is_right("ü", bytes.fromhex(said))


def test_a_question_survives_the_wire_in_canonical_cids() -> None:
    cid = cids.of(b"x")
    read = challenges.read(NONCE.hex(), [str(cid)])
    assert read == Question(NONCE, (str(cid),))


@pytest.mark.parametrize(
    ("nonce", "blocks"),
    [
        (None, []),
        ("00" * 31, ["bafkqaaa"]),
        ("zz" * 32, ["bafkqaaa"]),
        ("00" * 32, "bafkqaaa"),
        ("00" * 32, []),
        ("00" * 32, [1]),
        ("00" * 32, ["bafkqaaa"] * 17),
        ("00" * 32, ["../etc/passwd"]),
        (" " * 64, ["bafkqaaa"]),
    ],
)
def test_a_question_nobody_can_answer_is_refused(nonce: object, blocks: object) -> None:
    with pytest.raises(BadQuestion):
        challenges.read(nonce, blocks)
