"""What a hostile node may answer: each refused by name, in time, and none of it passed on."""

import gzip
import socket
import time
from dataclasses import replace
from ssl import SSLSocket
from threading import Event, Thread

import pytest

from node_bridge import MAX_BLOCK, MemoryEngine, NotFound, cid
from node_bridge.network.addresses import Guard
from node_bridge.network.failures import (
    Busy,
    CutShort,
    Encoded,
    Garbled,
    Lied,
    NobodyHas,
    NotAllowed,
    Oversized,
    PeerFailed,
    PrivateAddress,
    Redirected,
    TooSlow,
    Unreached,
    WrongCertificate,
)
from node_bridge.network.fetching import Fetcher
from node_bridge.network.providers import Provider
from tests.network.conftest import Fetching, Started
from tests.network.peers import (
    HEAD,
    Answer,
    Asked,
    always,
    broken_off,
    dripping,
    endless,
    honest,
    silent,
    status,
    whole,
)

BLOCK = b"what was asked for" * 100
KEY = cid.of(BLOCK)
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"

HOSTILE = {
    "wrong bytes": (always(whole(b"something else")), Lied),
    "nothing at all": (always(whole(b"")), Lied),
    "one byte more": (always(whole(BLOCK + b"!")), Lied),
    "announces a giant": (always(HEAD + b"Content-Length: 99999999999\r\n\r\n"), Oversized),
    "a giant by a byte": (always(whole(bytes(MAX_BLOCK + 1))), Oversized),
    "a giant in pieces": (endless(CHUNKED, b"10000\r\n" + bytes(65_536) + b"\r\n"), Oversized),
    "a giant without a length": (endless(HEAD + b"\r\n", bytes(65_536)), Oversized),
    "cut short": (broken_off(whole(BLOCK)[:-1]), CutShort),
    "cut short in pieces": (broken_off(CHUNKED + b"5\r\nabc"), CutShort),
    "a piece of minus one": (endless(CHUNKED + b"-1\r\n", bytes(65_536)), CutShort),
    "a piece of less than nothing": (broken_off(CHUNKED + b"-5\r\n"), CutShort),
    "a piece of no number": (broken_off(CHUNKED + b"\xff\r\n"), CutShort),
    "compressed": (
        always(
            HEAD
            + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(gzip.compress(BLOCK))
            + gzip.compress(BLOCK)
        ),
        Encoded,
    ),
    "headers without end": (endless(HEAD, b"X-More: of it\r\n"), Garbled),
    "a header without end": (endless(HEAD + b"X: ", b"x" * 4096), Garbled),
    "no HTTP": (always(b"220 mail.example ESMTP\r\n"), Garbled),
    "a length that is none": (broken_off(HEAD + b"Content-Length: -5\r\n\r\n"), Lied),
    "moved": (always(status(302, b"Location: https://127.0.0.1/\r\n")), Redirected),
    "moved for good": (always(status(308, b"Location: http://169.254.169.254/\r\n")), Redirected),
    "pay first": (always(status(402)), NotAllowed),
    "no entry": (always(status(403)), NotAllowed),
    "too many": (always(status(429)), Busy),
    "broken": (always(status(500)), Garbled),
    "part of it": (always(status(206)), Garbled),
    "hangs up": (always(None), Unreached),
}


def refused(fetcher: Fetcher, provider: Provider) -> PeerFailed:
    """What the node did, once the block was refused; nothing of it is kept."""
    with pytest.raises(NobodyHas) as caught:
        fetcher.block(KEY, str(KEY))
    with pytest.raises((NobodyHas, NotFound)):  # nor does it come from memory
        fetcher.block(KEY, str(KEY))
    return caught.value.why[provider.url]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_answer_is_refused_by_name(name: str, peer: Started, fetching: Fetching) -> None:
    answer, failure = HOSTILE[name]
    provider = peer(answer).provider()
    assert type(refused(fetching([provider]), provider)) is failure


def test_the_word_of_a_refusal_moves_no_cursor(peer: Started, fetching: Fetching) -> None:
    """It ends up in logs and on the terminal of another node's operator."""
    provider = peer(always(status(402, b"X-Refusal: payment\x1b[2J-due\r\n"))).provider()
    assert str(refused(fetching([provider]), provider)) == "The node answers 402 payment-due."


def test_who_says_nothing_is_too_slow(peer: Started, fetching: Fetching, ended: Event) -> None:
    provider = peer(silent(ended)).provider()
    assert_too_slow(fetching([provider], seconds=0.3), provider)


def test_a_byte_now_and_then_is_too_slow(peer: Started, fetching: Fetching, ended: Event) -> None:
    provider = peer(dripping(whole(BLOCK), each=0.1, until=ended)).provider()
    assert_too_slow(fetching([provider], seconds=0.3), provider)


def test_a_body_that_drips_is_too_slow(peer: Started, fetching: Fetching, ended: Event) -> None:
    drip = dripping(BLOCK, each=0.1, until=ended)

    def answer(asked: Asked, line: SSLSocket) -> bytes | None:
        line.sendall(HEAD + b"Content-Length: %d\r\n\r\n" % len(BLOCK))
        return drip(asked, line)

    provider = peer(answer).provider()
    assert_too_slow(fetching([provider], seconds=0.3), provider)


def assert_too_slow(fetcher: Fetcher, provider: Provider) -> None:
    began = time.monotonic()
    with pytest.raises(NobodyHas) as caught:
        fetcher.block(KEY, str(KEY))
    assert time.monotonic() - began < 1.5
    assert type(caught.value.why[provider.url]) is TooSlow


def test_another_certificate_than_agreed_gets_no_request(peer: Started, fetching: Fetching) -> None:
    node = peer(always(whole(BLOCK)))
    provider = replace(node.provider(), certificate="ab" * 32)
    assert type(refused(fetching([provider]), provider)) is WrongCertificate
    assert node.asked == []


def test_a_certificate_nobody_vouches_for_gets_no_request(
    peer: Started, fetching: Fetching
) -> None:
    node = peer(always(whole(BLOCK)))
    provider = replace(node.provider(), certificate=None)
    assert type(refused(fetching([provider]), provider)) is WrongCertificate
    assert node.asked == []


def test_who_speaks_no_tls_is_not_reached(fetching: Fetching) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        provider = Provider("plain", f"https://127.0.0.1:{listener.getsockname()[1]}", "ab" * 32)
        hanging_up = Thread(target=hang_up, args=(listener,))
        hanging_up.start()
        fetcher = fetching([provider], seconds=0.5)
        with pytest.raises(NobodyHas) as caught:
            fetcher.block(KEY, str(KEY))
        hanging_up.join()
    assert type(caught.value.why[provider.url]) is Unreached


def hang_up(listener: socket.socket) -> None:
    for _ in range(2):
        listener.accept()[0].close()


def test_without_the_opening_for_tests_loopback_is_not_called(
    peer: Started, fetching: Fetching
) -> None:
    node = peer(always(whole(BLOCK)))
    provider = node.provider()
    assert type(refused(fetching([provider], guard=Guard()), provider)) is PrivateAddress
    assert node.lines == 0


def test_a_name_that_leads_into_a_private_network_is_not_called(
    peer: Started, fetching: Fetching, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is connected to is what was looked up and checked; nothing is looked up again."""
    node = peer(always(whole(BLOCK)))
    port = int(node.url.rpartition(":")[2])
    answers = iter(["8.8.8.8", "127.0.0.1", "127.0.0.1", "127.0.0.1"])  # it changes its mind

    def resolve(host: str, port: int, **_: object) -> list[object]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

    dialled: list[str] = []

    def dial(place: tuple[str, int], _timeout: float) -> socket.socket:
        dialled.append(place[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket, "create_connection", dial)
    provider = Provider("rebinding", f"https://node.example:{port}", None)
    with pytest.raises(NobodyHas) as caught:
        fetching([provider], guard=Guard()).block(KEY, str(KEY))
    assert dialled == ["8.8.8.8"]
    assert type(caught.value.why[provider.url]) is PrivateAddress
    assert node.lines == 0


def test_a_liar_is_not_asked_again_for_that_content(peer: Started, fetching: Fetching) -> None:
    liar = peer(always(whole(b"something else")))
    fetcher = fetching([liar.provider()])
    refused(fetcher, liar.provider())
    assert len(liar.asked) == 1
    with pytest.raises(NobodyHas):
        fetcher.block(KEY, str(cid.of(b"another root")))
    assert len(liar.asked) == 2


def test_the_honest_one_is_heard_beside_all_the_others(
    peer: Started, fetching: Fetching, engine: MemoryEngine
) -> None:
    engine.put_block(BLOCK)
    hostile: list[Answer] = [answer for answer, _ in HOSTILE.values()]
    nodes = [peer(answer) for answer in [*hostile, honest(engine)]]
    fetcher = fetching([node.provider() for node in nodes])
    assert fetcher.block(KEY, str(KEY)) == BLOCK
