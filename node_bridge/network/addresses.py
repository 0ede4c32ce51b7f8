"""Addresses of nodes: https URLs and the multiaddrs that mean the same, and which may be called.

Multiaddr (multiformats): `/dns4/node.example/tcp/443/tls/http`, also written `/https`, with
`/tls/sni/<name>/http`, with `/p2p/<peer>` at the end. Only what is HTTP over TLS is a node here.
Whoever names an address is a stranger, so it is checked after it was looked up, and what was
checked is what is connected to: a name that changes its mind meanwhile changes nothing.
"""

import ipaddress
import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from urllib.parse import urlsplit

from node_bridge.network.failures import BadAddress, PrivateAddress, Unreached

MAX_TEXT = 512  # letters
SHA256 = re.compile(r"[0-9a-fA-F]{64}")
NAME = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*", re.IGNORECASE)
PEER = re.compile(r"[1-9A-HJ-NP-Za-km-z]{32,64}")
HTTPS = (("tls", "http"), ("https",))
NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052: the last four bytes are an IPv4 address

Ip = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class Address:
    """Where a node's HTTP over TLS is. `name` is what its certificate must be for."""

    host: str
    port: int
    name: str
    peer_id: str = ""

    @property
    def url(self) -> str:
        """Without a slash at its end; an IPv6 address in brackets."""
        port = "" if self.port == 443 else f":{self.port}"
        return f"https://{f'[{self.host}]' if ':' in self.host else self.host}{port}"

    @property
    def multiaddr(self) -> str:
        ip = _ip(self.host)
        kind = f"ip{ip.version}" if ip else "dns"
        sni = f"/sni/{self.name}" if self.name != self.host else ""
        peer = f"/p2p/{self.peer_id}" if self.peer_id else ""
        return f"/{kind}/{self.host}/tcp/{self.port}/tls{sni}/http{peer}"


def parse(text: str) -> Address:
    """An address from a URL or a multiaddr; raises BadAddress."""
    if len(text) > MAX_TEXT or not text.isascii() or not text.isprintable():
        raise BadAddress("This is too long for an address, or has letters no address has.")
    return _from_multiaddr(text) if text.startswith("/") else _from_url(text)


class Guard:
    """Says which machines may be called: public ones, and those in ranges that were opened.

    opened: networks of one's own that are allowed all the same, as tests open loopback
    """

    def __init__(self, opened: tuple[Network, ...] = ()) -> None:
        self._opened = opened

    def look_up(self, host: str, port: int) -> list[str]:
        """The IP addresses to connect to, every one allowed; raises PrivateAddress, Unreached."""
        literal = _ip(host)
        found = [literal] if literal else list(_resolved(host, port))
        for ip in found:
            if not self.allows(ip):
                raise PrivateAddress(f"{host} leads into a private network.")
        return [str(ip) for ip in found]

    def allows(self, ip: Ip) -> bool:
        plain = _unwrapped(ip)
        if any(plain.version == net.version and plain in net for net in self._opened):
            return True
        if isinstance(plain, IPv6Address) and plain.is_site_local:
            return False
        return plain.is_global and not plain.is_multicast and not plain.is_reserved


def opened(ranges: list[str]) -> tuple[Network, ...]:
    """Networks out of settings, such as `127.0.0.0/8`; raises BadAddress."""
    try:
        return tuple(ipaddress.ip_network(text) for text in ranges)
    except ValueError as error:
        raise BadAddress(f"This is not a range of addresses: {error}") from error


def _from_url(text: str) -> Address:
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", 443 if parts.port is None else parts.port
    except ValueError as error:
        raise BadAddress(f"This is not a URL: {error}") from error
    if parts.scheme != "https":
        raise BadAddress("A node is reached by https alone.")
    if parts.username is not None or parts.query or parts.fragment or parts.path not in {"", "/"}:
        raise BadAddress("A node's URL has a host and a port and nothing else.")
    return Address(_host(host), _port(port), _host(host))


def _from_multiaddr(text: str) -> Address:
    words = text.strip("/").split("/")
    peer_id = ""
    if len(words) > 2 and words[-2] in {"p2p", "ipfs"}:
        peer_id = words[-1]
        words = words[:-2]
        if not PEER.fullmatch(peer_id):
            raise BadAddress("After /p2p/ stands a PeerId.")
    if len(words) < 5 or words[2] != "tcp" or not words[3].isdigit():
        raise BadAddress("A node's multiaddr is /dns or /ip, /tcp, /tls and /http.")
    kind, host, port, rest = words[0], _host(words[1]), _port(int(words[3])), tuple(words[4:])
    _check_kind(kind, host)
    name = host
    if rest[:2] == ("tls", "sni") and len(rest) == 4:
        name, rest = _host(rest[2]), ("tls", rest[3])
    if rest not in HTTPS:
        raise BadAddress("Only HTTP over TLS leads to a node: /tls/http.")
    return Address(host, port, name, peer_id)


def _check_kind(kind: str, host: str) -> None:
    """Whether the host is what its protocol says."""
    ip = _ip(host)
    kinds = {"dns", "dns4", "dns6"} if ip is None else {f"ip{ip.version}"}
    if kind not in kinds:
        raise BadAddress(f"{host} does not fit /{kind}.")


def _port(number: int) -> int:
    if not 0 < number < 65_536:
        raise BadAddress(f"{number} is not a port.")
    return number


def _host(text: str) -> str:
    """A name or an IP address in its one writing; raises BadAddress."""
    ip = _ip(text)
    if ip is not None:
        return str(ip)
    last = text.rpartition(".")[2]
    if len(text) > 253 or not NAME.fullmatch(text) or last[:1].isdigit():  # 0x7f.1 and 2130706433
        raise BadAddress("This is neither a host's name nor an IP address.")
    return text.lower()


def _ip(text: str) -> Ip | None:
    try:
        ip = ipaddress.ip_address(text)
    except ValueError:
        return None
    return None if isinstance(ip, IPv6Address) and ip.scope_id else ip


def _resolved(host: str, port: int) -> Iterator[Ip]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise Unreached(f"{host} is not known: {error}") from error
    for family, _type, _protocol, _name, place in found:
        if family in {socket.AF_INET, socket.AF_INET6}:
            yield ipaddress.ip_address(str(place[0]))


def _unwrapped(ip: Ip) -> Ip:
    """The IPv4 address that an IPv6 address stands for, where it stands for one."""
    if isinstance(ip, IPv4Address):
        return ip
    if ip in NAT64:
        return IPv4Address(ip.packed[-4:])
    teredo = ip.teredo[1] if ip.teredo else None
    return ip.ipv4_mapped or ip.sixtofour or teredo or ip
