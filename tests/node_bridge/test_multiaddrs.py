"""Origins as multiaddrs and back; what names no HTTP server is refused."""

import pytest

from node_bridge.network.multiaddrs import NotHttp, of_url, protocols, to_url

BOTH_WAYS = [
    ("https://example.org:443", "/dns/example.org/tcp/443/tls/http"),
    ("https://203.0.113.7:8443", "/ip4/203.0.113.7/tcp/8443/tls/http"),
    ("http://127.0.0.1:8001", "/ip4/127.0.0.1/tcp/8001/http"),
    ("https://[2001:db8::1]:443", "/ip6/2001%3Adb8%3A%3A1/tcp/443/tls/http"),
]


@pytest.mark.parametrize(("url", "multiaddr"), BOTH_WAYS)
def test_an_origin_comes_back_from_its_multiaddr(url: str, multiaddr: str) -> None:
    assert of_url(url).replace("%3A", ":") == multiaddr.replace("%3A", ":")
    assert to_url(of_url(url)) == url


def test_the_port_a_scheme_implies_is_written() -> None:
    assert of_url("https://example.org/some/path") == "/dns/example.org/tcp/443/tls/http"
    assert of_url("http://example.org") == "/dns/example.org/tcp/80/http"


@pytest.mark.parametrize(
    "multiaddr",
    [
        "/dns4/example.org/tcp/443/https",
        "/dns6/example.org/tcp/443/tls/http/p2p/12D3KooWAbc",
        "/dns/EXAMPLE.org/tcp/443/tls/http",
    ],
)
def test_other_writings_of_the_same_origin_are_read(multiaddr: str) -> None:
    assert to_url(multiaddr) == "https://example.org:443"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/",
        "example.org",
        "https://example.org",
        "/ip4/203.0.113.7/udp/4001/quic-v1",
        "/ip4/203.0.113.7/tcp/4001/p2p/12D3KooWAbc",
        "/ip4/example.org/tcp/443/https",
        "/ip4/203.0.113.7/tcp/0/http",
        "/ip4/203.0.113.7/tcp/70000/http",
        "/ip4/203.0.113.7/tcp/44x/http",
        "/dns/a@b/tcp/443/https",
        "/dns/a%2Fb/tcp/443/https",
        "/dns/exämple.org/tcp/443/https",
        "/ip6/example/tcp/443/https",
        "/dns/" + "a" * 600 + "/tcp/443/https",
    ],
)
def test_what_names_no_http_server_is_refused(text: str) -> None:
    with pytest.raises(NotHttp):
        to_url(text)


@pytest.mark.parametrize("url", ["ftp://example.org", "https://", "example.org", ""])
def test_what_is_no_web_address_has_no_multiaddr(url: str) -> None:
    with pytest.raises(NotHttp):
        of_url(url)


def test_the_names_of_protocols_are_not_taken_for_their_values() -> None:
    assert protocols("/dns/http/tcp/443/TLS/http") == {"dns", "tcp", "tls", "http"}
    assert protocols("/ip4/1.2.3.4/udp/4001/quic-v1/webtransport/certhash/tcp") == {
        "ip4", "udp", "quic-v1", "webtransport", "certhash",
    }  # fmt: skip
