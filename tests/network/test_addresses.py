"""Addresses of nodes: what is one, what means the same, and which may be called."""

import socket
from ipaddress import ip_address

import pytest

from node_bridge.network import addresses, providers
from node_bridge.network.addresses import Guard
from node_bridge.network.failures import BadAddress, PrivateAddress

PEER = "12D3KooWQYhTNQdmr3ArTeUHRYzFg94BKyTkoWBDWez9kSCVe2Xo"
SAME = {
    "https://node.example": "/dns/node.example/tcp/443/tls/http",
    "https://node.example:8443": "/dns/node.example/tcp/8443/tls/http",
    "https://203.0.113.7:8443": "/ip4/203.0.113.7/tcp/8443/tls/http",
    "https://[2001:db8::7]": "/ip6/2001:db8::7/tcp/443/tls/http",
}


@pytest.mark.parametrize(("url", "multiaddr"), SAME.items())
def test_a_url_and_a_multiaddr_mean_the_same(url: str, multiaddr: str) -> None:
    assert addresses.parse(url).multiaddr == multiaddr
    assert addresses.parse(multiaddr).url == url
    assert addresses.parse(url) == addresses.parse(multiaddr)


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://NODE.example/", "https://node.example"),
        ("/dns4/node.example/tcp/443/https", "https://node.example"),
        ("/dns6/node.example/tcp/8443/tls/http", "https://node.example:8443"),
        (f"/dns/node.example/tcp/443/tls/http/p2p/{PEER}", "https://node.example"),
        ("/ip4/203.0.113.7/tcp/443/tls/sni/node.example/http", "https://203.0.113.7"),
    ],
)
def test_other_writings_are_understood(text: str, url: str) -> None:
    assert addresses.parse(text).url == url


def test_a_multiaddr_keeps_the_name_of_the_certificate_and_the_peer() -> None:
    text = f"/ip4/203.0.113.7/tcp/443/tls/sni/node.example/http/p2p/{PEER}"
    address = addresses.parse(text)
    assert (address.name, address.peer_id) == ("node.example", PEER)
    assert address.multiaddr == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "node.example",
        "http://node.example",
        "ftp://node.example",
        "file:///etc/passwd",
        "https://",
        "https://node.example:0",
        "https://node.example:65536",
        "https://node.example:x",
        "https://somebody@node.example",
        "https://somebody:secret@node.example",
        "https://node.example/path",
        "https://node.example?query",
        "https://node.example#fragment",
        "https://node.example\\@127.0.0.1",
        "https://node.example\r\nHost: other",
        "https://nöde.example",
        "https://2130706433",  # 127.0.0.1 as one number
        "https://0x7f.0.0.1",
        "https://127.1",
        "https://0177.0.0.1",
        "https://[fe80::1%25eth0]",
        "https://-node.example",
        "https://node..example",
        "https://" + "a" * 600,
        "/dns/node.example/tcp/443/http",
        "/dns/node.example/udp/443/quic-v1",
        "/dns/node.example/tcp/443/tls",
        "/dns/node.example/tcp/443/tls/ws",
        "/dns/node.example/tcp/99999/tls/http",
        "/dns/node.example/tcp/-1/tls/http",
        "/dns/127.0.0.1/tcp/443/tls/http",
        "/ip4/node.example/tcp/443/tls/http",
        "/ip6/127.0.0.1/tcp/443/tls/http",
        "/unix/tmp/socket/tls/http",
        "/dns/node.example/tcp/443/tls/http/p2p/0OIl",
        "/",
    ],
)
def test_what_is_no_address_of_a_node_is_refused(text: str) -> None:
    with pytest.raises(BadAddress):
        addresses.parse(text)


PRIVATE = (
    "0.0.0.0 10.0.0.1 100.64.0.1 127.0.0.1 127.255.255.254 169.254.169.254 172.16.0.1 192.0.0.1 "
    "192.0.2.1 192.168.1.1 198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1 240.0.0.1 255.255.255.255 "
    ":: ::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 64:ff9b::7f00:1 64:ff9b::a00:1 64:ff9b:1::1 100::1 "
    "2001:db8::1 2002:7f00:1::1 2002:a00:1::1 fc00::1 fd12:3456::1 fe80::1 fec0::1 ff02::1 "
    "2001:0:7f00:1::1"
)


@pytest.mark.parametrize("ip", PRIVATE.split())
def test_a_private_address_is_not_called(ip: str) -> None:
    assert not Guard().allows(ip_address(ip))
    with pytest.raises(PrivateAddress):
        Guard().look_up(ip, 443)


@pytest.mark.parametrize("ip", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_a_public_address_is_called(ip: str) -> None:
    assert Guard().allows(ip_address(ip))


def test_a_range_is_opened_and_no_more_than_it() -> None:
    guard = Guard(addresses.opened(["127.0.0.0/8", "fd00::/8"]))
    assert guard.allows(ip_address("127.0.0.1"))
    assert guard.allows(ip_address("::ffff:127.0.0.1"))
    assert guard.allows(ip_address("fd00::1"))
    assert not guard.allows(ip_address("10.0.0.1"))
    assert not guard.allows(ip_address("::1"))


def test_a_range_that_is_none_is_refused() -> None:
    with pytest.raises(BadAddress):
        addresses.opened(["127.0.0.1/8"])


def test_one_private_address_spoils_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, 443)) for ip in ("8.8.8.8", "10.0.0.1")
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    with pytest.raises(PrivateAddress):
        Guard().look_up("node.example", 443)


def test_a_provider_out_of_settings_names_its_certificate() -> None:
    provider = providers.listed("https://node.example:8443#" + "AB" * 32)
    assert provider.url == provider.peer_id == "https://node.example:8443"
    assert provider.certificate == "ab" * 32
    assert providers.listed(f"/dns/node.example/tcp/443/tls/http/p2p/{PEER}").peer_id == PEER
    with pytest.raises(BadAddress):
        providers.listed("https://node.example#abc")
