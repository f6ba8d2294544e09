"""Where a request comes from: the one place that says it.

A proxy in front names its client in `X-Forwarded-For`. Anybody can write that header, so it
counts only as far as configured proxies have written it: from the right, up to the first address
that isn't one of theirs.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from starlette.types import Scope

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

LONGEST = 60
"""Characters of an address with a port: `[`, 45, `%` and a zone, `]:65535`."""
_SCHEMES = {b"http": "http", b"https": "https"}


class Proxies:
    """Those whose word is taken for who is behind them."""

    def __init__(self, trusted: Sequence[Network]) -> None:
        self._trusted = tuple(trusted)
        self._is_proxy = lru_cache(maxsize=4096)(self._among_trusted)

    def resolve(self, scope: Scope) -> str | None:
        """The client's address; of what a proxy says, the request's `client` and scheme too."""
        peer = parse(scope["client"][0]) if scope.get("client") else None
        if peer is None or not self._is_proxy(peer):
            return None if peer is None else str(peer)
        scheme = _SCHEMES.get(_last(scope["headers"], b"x-forwarded-proto"))
        if scheme is not None:
            scope["scheme"] = scheme
        client = self._behind(peer, scope["headers"])
        scope["client"] = (str(client), 0)
        return str(client)

    def _behind(self, peer: Address, headers: Iterable[tuple[bytes, bytes]]) -> Address:
        told = b",".join(value for name, value in headers if name == b"x-forwarded-for")
        hops = told.decode("latin-1").split(",") if told else []
        client = peer
        for hop in reversed(hops):
            found = parse(hop.strip(" \t"))
            if found is None:
                return peer
            client = found
            if not self._is_proxy(client):
                break
        return client

    def _among_trusted(self, address: Address) -> bool:
        return any(address in network for network in self._trusted)


@lru_cache(maxsize=4096)
def parse(text: str) -> Address | None:
    """An address, with a port or without; IPv4 within IPv6 is IPv4. None for anything else."""
    if len(text) > LONGEST:
        return None
    host = text
    if text.startswith("["):
        host, bracket, port = text[1:].partition("]")
        if not bracket or not _is_port(port.removeprefix(":")):
            return None
    elif text.count(":") == 1:
        host, _, port = text.partition(":")
        if not _is_port(port):
            return None
    try:
        found = ip_address(host)
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found


@lru_cache(maxsize=4096)
def site(address: str) -> str:
    """Whose address it is: one of IPv4 its own; one of IPv6 its /64, which one subscriber gets."""
    found = ip_address(address)
    if isinstance(found, IPv4Address):
        return address
    return str(IPv6Network((int(found) >> 64 << 64, 64)))


def _is_port(text: str) -> bool:
    return not text or (text.isascii() and text.isdigit() and int(text) < 65536)


def _last(headers: Iterable[tuple[bytes, bytes]], wanted: bytes) -> bytes:
    found = b""
    for name, value in headers:
        if name == wanted:
            found = value.rpartition(b",")[2].strip().lower()
    return found
