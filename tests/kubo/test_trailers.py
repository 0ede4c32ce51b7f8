"""What a trailer says of an answer is heard, whatever the body looks like."""

from collections.abc import Iterator

import httpx
import pytest

from node_bridge import EngineDown
from node_bridge.trailers import KEPT, BrokeOff, TrailerTransport
from tests.kubo.speaking import chunked, speaking

FAILED = b"X-Stream-Error: the disk is gone\r\n"
IMITATION = b"abc\r\n0\r\nX-Stream-Error: not so\r\n\r\n"


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with httpx.Client(transport=TrailerTransport(), timeout=5) as client:
        yield client


def test_a_failure_after_200_ends_the_body_with_its_words(client: httpx.Client) -> None:
    got: list[bytes] = []

    def take(url: str) -> None:
        with client.stream("POST", url) as answer:
            assert answer.status_code == 200
            got.extend(answer.iter_raw())

    answer = chunked(b"half of it", trailer=FAILED)
    with speaking(answer) as server, pytest.raises(BrokeOff, match="the disk is gone"):
        take(server.url)
    assert got == [b"half of it"]


def test_other_trailers_are_no_failure(client: httpx.Client) -> None:
    with speaking(chunked(b"whole", trailer=b"X-Other: yes\r\nX-Stream-Error: \r\n")) as server:
        assert client.post(server.url).content == b"whole"


def test_a_failure_is_found_among_other_trailers(client: httpx.Client) -> None:
    trailer = b"X-Other: yes\r\n" + FAILED.lower() + b"Last: 1\r\n"
    with speaking(chunked(b"whole", trailer=trailer)) as server, pytest.raises(BrokeOff):
        client.post(server.url)


@pytest.mark.parametrize(
    "body", [b"", IMITATION, IMITATION * 50, IMITATION[:-2], b"\r\n0\r\n\r\n", b"x" * 100_000]
)
def test_no_body_can_imitate_a_trailer(client: httpx.Client, body: bytes) -> None:
    pieces = [body] if body else []
    with speaking(chunked(*pieces)) as server:
        assert client.post(server.url).content == body
    with (
        speaking(chunked(*pieces, trailer=FAILED)) as server,
        pytest.raises(BrokeOff, match="disk"),
    ):
        client.post(server.url)


def test_each_answer_of_a_kept_connection_has_its_own_end(client: httpx.Client) -> None:
    answers = chunked(b"1"), chunked(b"2", trailer=FAILED), chunked(b"3")
    with speaking(*answers) as server:
        assert client.post(server.url).content == b"1"
        with pytest.raises(BrokeOff):
            client.post(server.url)
        assert client.post(server.url).content == b"3"


def test_an_end_too_long_to_be_kept_counts_as_a_failure(client: httpx.Client) -> None:
    trailer = b"X-Long: " + b"a" * KEPT + b"\r\n"
    with speaking(chunked(b"x", trailer=trailer)) as server, pytest.raises(BrokeOff, match="end"):
        client.post(server.url)


def test_a_body_of_known_length_needs_no_trailer(client: httpx.Client) -> None:
    with speaking(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok") as server:
        assert client.post(server.url).content == b"ok"


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n5\r\nhel",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nConnection: close\r\n\r\nok",
        b"SSH-2.0-OpenSSH Connection: close\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\nxyz\r\n",
    ],
)
def test_a_server_that_hangs_up_or_babbles_is_down(client: httpx.Client, answer: bytes) -> None:
    with speaking(answer) as server, pytest.raises(EngineDown):
        client.post(server.url)


def test_where_nobody_listens_it_is_down(client: httpx.Client) -> None:
    with speaking() as server:
        url = server.url
    with pytest.raises(EngineDown, match="does not answer"):
        client.post(url)
    with pytest.raises(EngineDown):
        client.post("ftp://127.0.0.1/")
