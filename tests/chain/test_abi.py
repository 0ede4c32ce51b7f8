"""Calls and events as bytes: the examples of Solidity's own ABI specification, and back."""

import pytest

from wetube.chain import abi

BAZ = abi.Call("baz", [{"type": "uint32"}, {"type": "bool"}], [{"type": "bool"}])
SAM = abi.Call("sam", [{"type": "bytes"}, {"type": "bool"}, {"type": "uint256[]"}], [])
PERSON = {
    "name": "people",
    "type": "tuple[]",
    "components": [
        {"name": "who", "type": "address"},
        {"name": "notes", "type": "bytes32[]"},
    ],
}
WHO = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"


def words(*parts: str) -> str:
    return "".join(part.rjust(64, "0") if len(part) < 64 else part for part in parts)


def test_the_specifications_first_example() -> None:
    assert BAZ.encode([69, True]).hex() == "cdcd77c0" + words("45", "1")


def test_the_specifications_example_with_bytes_and_a_list() -> None:
    dave = b"dave".hex().ljust(64, "0")
    assert SAM.encode([b"dave", True, [1, 2, 3]]).hex() == "a5643bf2" + words(
        "60", "1", "a0", "4", dave, "3", "1", "2", "3"
    )


def test_answers_are_one_value_or_several_or_none() -> None:
    assert BAZ.decode((1).to_bytes(32)) is True
    assert SAM.decode(b"") is None
    pair = abi.Call("pair", [], [{"type": "uint8"}, {"type": "address"}])
    answer = (3).to_bytes(32) + bytes.fromhex(WHO[2:]).rjust(32, b"\0")
    assert pair.decode(answer) == (3, WHO)


def test_structs_go_in_by_name_or_place_and_come_out_by_name() -> None:
    call = abi.Call("greet", [PERSON], [PERSON])
    assert call.signature == "greet((address,bytes32[])[])"
    note = b"\x07" * 32
    by_name = call.encode([[{"notes": [note], "who": WHO}]])
    by_place = call.encode([[(WHO, ["0x" + note.hex()])]])
    assert by_name == by_place
    assert call.decode(by_name[4:]) == [{"who": WHO, "notes": [note]}]


def test_of_two_functions_with_one_name_the_arguments_tell() -> None:
    both: list[abi.Part] = [
        {"type": "event", "name": "f", "inputs": [], "anonymous": False},
        {"type": "function", "name": "f", "inputs": [{"type": "uint256"}], "outputs": []},
        {"type": "function", "name": "f", "inputs": [{"type": "bytes"}] * 2, "outputs": []},
        {"type": "function", "name": "f", "inputs": [{"type": "bool"}] * 2, "outputs": []},
    ]
    assert abi.call_of(both, "f", 1).signature == "f(uint256)"
    assert abi.call_of(both, "f", 2).signature == "f(bytes,bytes)"
    assert abi.call_of(both, "f(bool,bool)", 2).signature == "f(bool,bool)"
    for name, count in (("f", 3), ("g", 1), ("f(int256)", 1)):
        with pytest.raises(abi.NoSuchCall):
            abi.call_of(both, name, count)


def test_an_event_has_its_indexed_values_in_topics() -> None:
    entry = {
        "type": "event",
        "name": "Said",
        "inputs": [
            {"name": "who", "type": "address", "indexed": True},
            {"name": "what", "type": "string", "indexed": False},
            {"name": "where", "type": "string", "indexed": True},
        ],
    }
    topics = [
        abi.event_topic(entry),
        bytes.fromhex(WHO[2:]).rjust(32, b"\0"),
        b"\x09" * 32,  # of a text only its hash is there
    ]
    data = bytes.fromhex(words("20", "2", b"hi".hex().ljust(64, "0")))
    assert abi.decode_event(entry, topics, data) == {
        "who": WHO,
        "what": "hi",
        "where": b"\x09" * 32,
    }


def test_the_transfer_event_has_the_name_everybody_knows() -> None:
    three = [{"name": "a", "type": kind} for kind in ("address", "address", "uint256")]
    assert (
        abi.event_topic({"name": "Transfer", "inputs": three}).hex().startswith("ddf252ad1be2c89b")
    )
