"""Logs of contracts, found by index."""

from typing import Any

from wetube.cloudchain import params, showing
from wetube.cloudchain.headers import Header
from wetube.cloudchain.methods.desk import Desk, Method, NoSuchBlock
from wetube.cloudchain.params import InvalidParams, Params
from wetube.cloudchain.reader import Search
from wetube.cloudchain.showing import Shown


def _logs(desk: Desk, given: Params) -> list[Shown]:
    wanted = search(desk, given.need(0, params.search))
    return [] if wanted is None else [showing.log(row) for row in desk.reader.logs(wanted)]


def search(desk: Desk, asked: dict[str, Any]) -> Search | None:
    """The search a filter asks for; None where its blocks are all in the future.

    Raises InvalidParams and NoSuchBlock.
    """
    blocks = _blocks(desk, asked)
    if blocks is None:
        return None
    first, last = blocks
    who = params.addresses(asked.get("address"))
    return Search(first, last, who, params.topics(asked.get("topics")))


def _blocks(desk: Desk, asked: dict[str, Any]) -> tuple[int, int] | None:
    if asked.get("blockHash") is not None:
        if asked.get("fromBlock") is not None or asked.get("toBlock") is not None:
            raise InvalidParams("both blockHash and a range of blocks are given")
        header = _known(desk.block(params.word(asked["blockHash"])))
        return header.number, header.number
    newest = desk.reader.head().number
    first = _number(desk, asked.get("fromBlock"), newest)
    last = _number(desk, asked.get("toBlock"), newest)
    if first > last:
        raise InvalidParams("invalid block range params")
    return None if first > newest else (first, min(last, newest))


def _number(desk: Desk, tag: object, newest: int) -> int:
    if tag is None:
        return newest
    found = params.block_tag(tag)
    return found if isinstance(found, int) else _known(desk.block(found)).number


def _known(header: Header | None) -> Header:
    if header is None:
        raise NoSuchBlock
    return header


METHODS: dict[str, Method] = {"eth_getLogs": _logs}
