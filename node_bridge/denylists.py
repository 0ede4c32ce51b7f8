"""Lists of what somebody declines, as IPFS gateways share them: compact denylists, IPIP-383.

A rule is one line: `/ipfs/<cid>`, `/ipfs/<cid>/<path>`, either with a `*` at its end, or `//` and
the hash of one of these, so that the list does not tell what is on it; `+` or `!` before it lets
through. A header may stand before a line of three dashes, remarks begin with `#`.

Every rule is kept as a **mark**, the sha256 of what it names: so hashed and plain rules are found
by the same question. A content that is declined is declined with all that lies below it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from urllib.parse import unquote

from node_bridge import varint
from node_bridge.cid import BASE58, ParsedCid, parse, to_base58
from node_bridge.errors import BadCid

FENCE = "---"
MOST_HEADER = 1 << 10  # letters of a header, by the specification
LONGEST = 2 << 10  # letters of a line that is read
LONGEST_PATH = 500  # letters of a path that is kept
SHA2_256 = b"\x12\x20"  # how its multihashes begin
HEX = frozenset("0123456789abcdef")


class NotAList(ValueError):
    """These bytes are no denylist; the message says why."""


class BadRule(ValueError):
    """A line that is no rule, or of a kind that is not kept: names, media types, other hashes."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `below` is how paths under the marked content begin, "" for all that is marked."""

    mark: bytes
    below: str = ""
    lets_through: bool = False

    def covers(self, path: str) -> bool:
        """Whether it is about this path below a content with its mark."""
        return path.startswith(self.below) or f"{path}/" == self.below


@dataclass
class Denylist:
    """A list as it was read: what it calls itself, its rules, how many lines made none."""

    name: str = ""
    rules: set[Rule] = field(default_factory=set)
    left_out: int = 0


def read(text: str, *, most: int) -> Denylist:
    """A list of at most `most` lines; raises NotAList.

    One of which less than half can be read is none: a page that says "not found", for example.
    """
    header, body = _parted(text)
    found = Denylist(_name(header or ""))
    for number, line in enumerate(_lines(body), 1):
        if number > most:
            raise NotAList(f"It has more than {most} lines.")
        try:
            found.rules.add(rule(line))
        except BadRule:
            found.left_out += 1
    if found.left_out > len(found.rules):
        raise NotAList("Most of its lines are no rules.")
    if header is None and not found.rules:
        raise NotAList("There is nothing in it.")
    return found


def rule(line: str) -> Rule:
    """Raises BadRule."""
    if len(line) > LONGEST:
        raise BadRule("This line is too long.")
    words = line.split()
    text = words[0] if words else ""  # what follows are hints for other programs
    lets_through = text[:1] in {"+", "!"}
    if lets_through:
        text = text[1:]
    if text.startswith("//"):
        return Rule(_hashed(text[2:]), lets_through=lets_through)
    if text.startswith("/ipfs/"):
        return _plain(text.removeprefix("/ipfs/"), lets_through=lets_through)
    raise BadRule("Only rules for content are kept.")


def marks(key: ParsedCid, path: str = "") -> tuple[bytes, ...]:
    """All marks under which rules about this content, or this path in it, may be kept.

    Two for the content (a hash of its multihash; the older one of its CIDv1) and two for the path.
    """
    named = [to_base58(_multihash(key)), f"{key}/"]
    if path:
        named += [f"{named[0]}/{path}", f"{key}/{path}"]
    return tuple(sha256(name.encode()).digest() for name in named)


def written(name: str, entries: Iterator[tuple[str, str]]) -> str:
    """A list of these CIDs, each with the reason above it as a remark."""
    lines = ["version: 1", f"name: {_on_a_line(name)[:100]}", FENCE]
    for cid, reason in entries:
        lines += [f"# {_on_a_line(reason)}", f"/ipfs/{cid}/*"]
    return "\n".join([*lines, ""])


def _parted(text: str) -> tuple[str | None, str]:
    """Header and body; None where there is no header."""
    start = text[:MOST_HEADER]
    if start.startswith(f"{FENCE}\n"):
        return "", text[len(FENCE) + 1 :]
    header, fence, _ = start.partition(f"\n{FENCE}\n")
    return (header, text[len(header) + len(fence) :]) if fence else (None, text)


def _lines(body: str) -> Iterator[str]:
    """Its lines, one at a time, without remarks and empty ones."""
    start = 0
    while start < len(body):
        end = body.find("\n", start)
        end = len(body) if end < 0 else end
        line = body[start:end].strip()
        if line and not line.startswith("#"):
            yield line
        start = end + 1


def _name(header: str) -> str:
    for line in header.splitlines():
        key, colon, said = line.partition(":")
        if colon and key.strip() == "name":
            return _on_a_line(said).strip("'\"")[:100]
    return ""


def _plain(text: str, *, lets_through: bool) -> Rule:
    open_ended = text.endswith("*")
    name, _, path = text.removesuffix("*").partition("/")
    path = unquote(path)
    if len(path) > LONGEST_PATH or "\0" in path:
        raise BadRule("This path is too long, or none.")
    try:
        key = parse(name)
    except BadCid as error:
        raise BadRule(str(error)) from error
    whole, *_ = marks(key)
    if not path:
        return Rule(whole, lets_through=lets_through)
    if open_ended:
        return Rule(whole, path, lets_through)
    return Rule(marks(key, path)[2], lets_through=lets_through)


def _hashed(text: str) -> bytes:
    """The mark in a hashed rule: sha256 in hexadecimal, or as a multihash in base58."""
    if len(text) == 64 and set(text) <= HEX:
        return bytes.fromhex(text)
    if len(text) == 46 and set(text) <= set(BASE58):
        number = 0
        for letter in text:
            number = number * 58 + BASE58.index(letter)
        data = number.to_bytes(35, "big").lstrip(b"\0")
        if len(data) == 34 and data.startswith(SHA2_256):
            return data[2:]
    raise BadRule("Of hashed rules, those by sha2-256 are kept.")


def _multihash(key: ParsedCid) -> bytes:
    return varint.encode(key.hash) + varint.encode(len(key.digest)) + key.digest


def _on_a_line(text: str) -> str:
    return " ".join(text.replace("\0", "").split())
