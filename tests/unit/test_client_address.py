"""Whom a request is said to come from, by its connection and by what proxies wrote."""

from ipaddress import ip_network
from typing import Any

import pytest

from api.client_address import Proxies, parse

pytestmark = pytest.mark.unit

PROXY, OUTER, CLIENT = "10.0.0.2", "10.0.0.1", "203.0.113.7"
PROXIES = Proxies([ip_network("10.0.0.0/8"), ip_network("fd00::/8")])


def scope(peer: str | None, *forwarded: str, proto: str | None = None) -> dict[str, Any]:
    headers = [(b"x-forwarded-for", value.encode("latin-1")) for value in forwarded]
    if proto is not None:
        headers.append((b"x-forwarded-proto", proto.encode()))
    return {
        "client": None if peer is None else (peer, 4711),
        "headers": headers,
        "scheme": "http",
    }


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        (CLIENT, (), CLIENT),
        (CLIENT, ("198.51.100.1",), CLIENT),  # not a proxy: its word doesn't count
        (None, ("198.51.100.1",), None),
        ("testclient", ("198.51.100.1",), None),
        (PROXY, (), PROXY),
        (PROXY, (CLIENT,), CLIENT),
        (PROXY, (f"198.51.100.1, {CLIENT}",), CLIENT),  # the client wrote the left part
        (PROXY, (f"198.51.100.1, {CLIENT}, {OUTER}",), CLIENT),
        (PROXY, ("198.51.100.1", f"{CLIENT} ,\t{OUTER}"), CLIENT),  # two headers are one
        (PROXY, (f"garbage, {CLIENT}",), CLIENT),
        (PROXY, (f"{OUTER}, 10.9.9.9",), OUTER),  # proxies all the way
        (PROXY, (f"{CLIENT}, garbage",), PROXY),
        (PROXY, (f"{CLIENT},",), PROXY),
        (PROXY, (" ",), PROXY),
        (PROXY, ("unknown",), PROXY),
        (PROXY, ("999.0.0.1",), PROXY),
        (PROXY, ("1" * 4000,), PROXY),
        (PROXY, (f"{CLIENT}:51234",), CLIENT),
        (PROXY, (f"{CLIENT}:x",), PROXY),
        (PROXY, ("[2001:db8::1]:443",), "2001:db8::1"),
        (PROXY, ("[2001:db8::1",), PROXY),
        (PROXY, ("2001:DB8:0::1",), "2001:db8::1"),
        ("::ffff:10.0.0.2", (f"::ffff:{CLIENT}",), CLIENT),
        ("fd00::5", (CLIENT,), CLIENT),
    ],
)
def test_the_client_is_the_rightmost_address_that_no_proxy_has(
    peer: str | None, forwarded: tuple[str, ...], client: str | None
) -> None:
    request = scope(peer, *forwarded)
    assert PROXIES.resolve(request) == client
    if client is not None and parse(peer or "") != parse(client):
        assert request["client"][0] == client


def test_the_scheme_is_a_proxys_to_say() -> None:
    for peer, proto, scheme in (
        (PROXY, "https", "https"),
        (PROXY, "http, HTTPS", "https"),
        (PROXY, "gopher", "http"),
        (CLIENT, "https", "http"),
    ):
        request = scope(peer, proto=proto)
        PROXIES.resolve(request)
        assert request["scheme"] == scheme, (peer, proto)
