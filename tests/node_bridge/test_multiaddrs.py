"""Origins as multiaddrs, and the protocols that stand in one."""

import pytest

from node_bridge.network.multiaddrs import NotHttp, of_url, protocols


@pytest.mark.parametrize(
    ("url", "multiaddr"),
    [
        ("https://example.org:8443", "/dns/example.org/tcp/8443/tls/http"),
        ("https://203.0.113.7", "/ip4/203.0.113.7/tcp/443/tls/http"),
        ("http://127.0.0.1:8001", "/ip4/127.0.0.1/tcp/8001/http"),
        ("https://[2001:db8::1]", "/ip6/2001:db8::1/tcp/443/tls/http"),
        ("https://example.org/some/path", "/dns/example.org/tcp/443/tls/http"),
        ("http://example.org", "/dns/example.org/tcp/80/http"),
    ],
)
def test_an_origin_is_written_as_a_multiaddr(url: str, multiaddr: str) -> None:
    assert of_url(url) == multiaddr


@pytest.mark.parametrize(
    "url", ["ftp://example.org", "https://", "example.org", "", "http://[x", "http://a:99999"]
)
def test_what_is_no_web_address_has_no_multiaddr(url: str) -> None:
    with pytest.raises(NotHttp):
        of_url(url)


def test_the_names_of_protocols_are_not_taken_for_their_values() -> None:
    assert protocols("/dns/http/tcp/443/TLS/http") == {"dns", "tcp", "tls", "http"}
    assert protocols("/ip4/1.2.3.4/udp/4001/quic-v1/webtransport/certhash/tcp") == {
        "ip4", "udp", "quic-v1", "webtransport", "certhash",
    }  # fmt: skip
