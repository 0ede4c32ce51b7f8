"""Denylists as other gateways write them, IPIP-383, and what is not one."""

import pytest

from node_bridge import denylists
from node_bridge.cid import of, parse
from node_bridge.denylists import BadRule, NotAList

FOLDER = "bafybeiefwqslmf6zyyrxodaxx4vwqircuxpza5ri45ws3y5a62ypxti42e"
OLD = "QmVTF1yEejXd9iMgoRTFDxBv7HAz9kuZcQNBzHrceuK9HR"
NEW = "bafybeidjwik6im54nrpfg7osdvmx7zojl5oaxqel5cmsz46iuelwf5acja"
# From the specification, in order: a CID, a path in it, a multihash.
HASHED = (
    "//d9d295bde21f422d471a90f2a37ec53049fdf3e5fa3ee2e8f20e10003da429e7",
    "//3f8b9febd851873b3774b937cce126910699ceac56e72e64b866f8e258d09572",
    "//QmX9dhRcQcKUw3Ws8485T5a9dtjrSCQaUAHnG4iK9i4ceM",
)


def declines(line: str, cid: str, path: str = "") -> bool:
    rule = denylists.rule(line)
    return rule.mark in denylists.marks(parse(cid), path) and rule.covers(path)


@pytest.mark.parametrize(
    ("line", "cid", "path", "expected"),
    [
        (HASHED[0], FOLDER, "", True),
        (HASHED[0], FOLDER, "a/b", True),
        (HASHED[0], NEW, "", False),
        (HASHED[1], FOLDER, "path", True),
        (HASHED[1], FOLDER, "", False),
        (HASHED[1], FOLDER, "path2", False),
        (HASHED[2], OLD, "", True),
        (HASHED[2], NEW, "", True),
        (HASHED[2], FOLDER, "", False),
        (f"/ipfs/{OLD}", NEW, "", True),
        (f"/ipfs/{NEW}/*", OLD, "a", True),
        (f"/ipfs/{FOLDER}/test", FOLDER, "test", True),
        (f"/ipfs/{FOLDER}/test", FOLDER, "test/a", False),
        (f"/ipfs/{FOLDER}/test*", FOLDER, "testing/a", True),
        (f"/ipfs/{FOLDER}/test*", FOLDER, "tes", False),
        (f"/ipfs/{FOLDER}/test/*", FOLDER, "test", True),
        (f"/ipfs/{FOLDER}/test/*", FOLDER, "testing", False),
        (f"/ipfs/{FOLDER}/a%20b hint=1", FOLDER, "a b", True),
    ],
)
def test_what_a_rule_is_about(line: str, cid: str, path: str, *, expected: bool) -> None:
    assert declines(line, cid, path) is expected


@pytest.mark.parametrize("sign", ["+", "!"])
def test_a_rule_may_let_through(sign: str) -> None:
    assert denylists.rule(f"{sign}/ipfs/{FOLDER}/kept").lets_through


@pytest.mark.parametrize(
    "line",
    [
        "/ipns/domain.example",
        "/mime/image/*",
        "/ipfs/nonsense",
        "/ipfs/",
        "//",
        "//gW813G35CnLsy7gRYYHuf63hrz71U1xoLFDVeV7actx6oX",
        f"//{'D9' * 32}",
        f"/ipfs/{FOLDER}/{'a' * 501}",
        f"/ipfs/{FOLDER}/%00",
        "<html>",
        "x" * 5000,
    ],
)
def test_other_lines_are_no_rules(line: str) -> None:
    with pytest.raises(BadRule):
        denylists.rule(line)


def test_a_list_is_read_with_its_name_and_without_its_remarks() -> None:
    text = f"version: 1\nname: 'Bad things'\n---\n# why\n\n/ipfs/{NEW}\n/ipfs/{OLD}/*\n/ipns/x\n"
    found = denylists.read(text, most=3)
    assert (found.name, len(found.rules), found.left_out) == ("Bad things", 1, 1)
    with pytest.raises(NotAList):
        denylists.read(text, most=2)


@pytest.mark.parametrize("header", ["---\n", "version: 1\n---\n"])
def test_an_empty_list_needs_a_header(header: str) -> None:
    assert denylists.read(header, most=1).rules == set()
    with pytest.raises(NotAList):
        denylists.read("", most=1)


@pytest.mark.parametrize(
    "text",
    [
        "<!doctype html>\n<h1>Not found</h1>\n",
        f"a\nb\n/ipfs/{NEW}\n",
        "\n" * 100,
        f"{'x' * 2000}\n---\n",
    ],
)
def test_what_is_mostly_something_else_is_no_list(text: str) -> None:
    with pytest.raises(NotAList):
        denylists.read(text, most=100)


def test_what_is_written_can_be_read() -> None:
    cids = [str(of(b"a")), str(of(b"b"))]
    reasons = ["because\n/ipfs/x", "so"]
    text = denylists.written("Our\nname", zip(cids, reasons, strict=True))
    found = denylists.read(text, most=9)
    assert (found.name, found.left_out) == ("Our name", 0)
    assert {rule.mark for rule in found.rules} == {denylists.marks(parse(c))[0] for c in cids}
