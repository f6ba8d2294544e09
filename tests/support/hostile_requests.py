"""Requests as no client of ours would send them: any bytes in every place that HTTP has."""

import base64
import gzip
import json
from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import quote

from hypothesis import strategies as st

from tests.support.hostile_texts import TEXTS


class Raw(NamedTuple):
    """One request, as it goes over the wire."""

    method: str
    content: bytes
    whole: bool
    """Whether it is complete: a server may leave half a request without an answer."""

    def __repr__(self) -> str:
        """Its beginning: a failing example is printed."""
        return f"<{len(self.content)} bytes, whole={self.whole}: {self.content[:2_000]!r}>"


METHODS = (
    "GET", "HEAD", "OPTIONS", "POST", "PATCH", "DELETE", "PUT", "TRACE", "CONNECT", "Get", "X",
)  # fmt: skip
_LITERALS = [
    b"NaN", b"-NaN", b"Infinity", b"-Infinity", b"nul", b"nan", b"1e999", b"-1e999", b"1e-400",
    b"1E+9999999999", b"0.1e-9999999999", b"-0", b"00", b"0x1", b"9223372036854775807",
    b"9223372036854775808", b"-9223372036854775809", b"1.5", b"-1", b"0", b"1", b"true", b"false",
    b"null", b"[]", b"{}", b"[null]", b'{"a":{}}', b"'", b'"', b",", b"}", b"]",
    b"9" * 400, b"9" * 5000, b"1." + b"0" * 2000 + b"1", b"[" * 12 + b"]" * 12, b"[" * 50_000,
    b'{"a":' * 11 + b"1" + b"}" * 11, b'"\\ud800"', b'"\\udc00x"', b'"\\ud83d\\ude00"',
    b'"\\u0000"', b'"\x00"', b'"\xff\xfe"', b'"\xed\xa0\x80"', b'"\t"', b'""', b'" "',
    b'"' + b"x" * 40_000 + b'"', b'"0001-01-01T00:00:00Z"', b'"9999-12-31T23:59:59.999999Z"',
    b'"0001-01-01T00:00:00+23:59"', b'"9999-12-31T23:59:59-23:59"', b'"0001-01-01"',
    b'"9999-12-31"', b'"0000-00-00"', b'"2999-12-31"', b'"2026-02-30"', b'"2024-02-29T24:00:00Z"',
    b'"2026-05-04T09:30:60Z"', b'"2000-01-01T00:00:00Z"', b'"2026-05-04T09:30:00+99:99"',
    "\"２０２６-05-04T00:00:00Z\"".encode(), b"1700000000", b'"open"', b'"paid"', b'"urgent"',
    b'"smb"', b'"standard"', b'"it@acme.example"', b'"1"', b'"USD"', b'"usd"', b'"e-1"',
    b'"http://[::1"', b'"//x/%ff?\x7f#"',
]  # fmt: skip
_TEXTS = [
    json.dumps(text, ensure_ascii=plain).encode() for text in TEXTS for plain in (True, False)
]
_VALUES = st.one_of(
    st.sampled_from(_LITERALS),
    st.sampled_from(_TEXTS),
    st.integers().map(lambda n: str(n).encode()),
    st.floats().map(lambda n: json.dumps(n).encode()),
    st.text(max_size=20).map(lambda text: json.dumps(text).encode()),
    st.binary(max_size=8),
)
_FIELDS = (
    "name", "email", "segment", "external_id", "owner", "arr", "renewal_date", "created_at",
    "churned_at", "customer_id", "event_type", "event_data", "timestamp", "event_id", "events",
    "user_id", "ip_address", "session_seconds", "endpoint", "method", "status_code",
    "response_time", "count", "feature_name", "amount", "invoice_id", "due_date", "paid_date",
    "currency", "status", "ticket_id", "subject", "priority", "satisfaction", "id", "__class__",
    "constructor", "\\u0000", "\\ud800", "é",
)  # fmt: skip
_DATA = (
    ("login", {"user_id": "ada", "session_seconds": 60}),
    ("api_call", {"endpoint": "/v1/orders/42", "count": 3, "status_code": 500}),
    ("feature_use", {"feature_name": "reports", "count": 2}),
    ("payment", {"amount": 12.5, "invoice_id": "i-1", "status": "pending"}),
    ("support_ticket", {"ticket_id": "t-1", "status": "resolved", "satisfaction": 5}),
)
_TYPES = (
    "application/json", "application/json; charset=utf-8", "application/json;charset=\xff",
    "text/plain", "application/json, application/json", "multipart/form-data; boundary=", "", ";",
    "a/b/c", "application/x-www-form-urlencoded", "application/json; charset*=''x",
    "Application/Problem+JSON",
)  # fmt: skip
_ODD = (
    b"Accept: text/html;q=nan", b"Accept: */*;q=1e999, \xff", b"Range: bytes=0-",
    b"Expect: 100-continue", b"Expect: 200-ok", b"Origin: http://evil.example", b"Origin: null",
    b"Cookie: a=\xff; =;", b"Access-Control-Request-Method: DELETE",
    b"X-Forwarded-For: 1.2.3.4, \x01", b"X-Forwarded-Proto: \xff",
    b"X-Forwarded-Host: evil.example", b"X-Forwarded-Prefix: //evil.example",
    b"Forwarded: for=\"_x", b"X-Request-ID: 1\x1b[31m", b"X-Request-ID: " + b"1" * 70,
    b"traceparent: 00-zz-zz-01", b"tracestate: =,=", b"baggage: \xff=\xff", b"If-None-Match: *",
    b"If-None-Match: W/\"\xff", b"If-None-Match: " + b'"a",' * 900, b"If-Modified-Since: never",
    b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: x",
    b"Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: x",
    b"Connection: close, \xff", b"X-HTTP-Method-Override: DELETE", b"Content-Encoding: gzip",
    b"Content-Encoding: br", b"Content-Encoding: gzip, gzip", b"Content-Encoding: \xff",
    b"Trailer: Host", b"TE: trailers", b"Date: " + b"x" * 9000, b"X: " + b"y" * 70_000, b": empty",
    b"No colon", b"Bad name: x", b" folded: x", b"Idempotency-Key: a", b'Idempotency-Key: "a',
    b"Idempotency-Key: \xff\x01", b"Idempotency-Key: " + b"k" * 300,
    b"Idempotency-Key: a\r\nIdempotency-Key: b", b"Idempotency-Key:", b"Host: evil.example",
    b"Host:", b"Host: [", b"Host: a b", b"Host: x:99999999", b"Host: \xff",
    b"X-API-Key: x\r\nX-API-Key: y", b"Accept-Language: " + b"*;q=0.1," * 500,
    b"Content-Type: text/plain", b"Content-Length: 1",
)  # fmt: skip
_CREDENTIALS = (
    b"Bearer", b"Bearer ", b"Bearer \xff\xfe", b"Bearer chk_",
    b"Bearer chk_000000000000_" + b"A" * 43, b"Bearer chk_" + b"A" * 9000, b"Bearer a.b.c",
    b"Bearer e30.e30.", b"Bearer eyJhbGciOiJub25lIn0.e30.", b"bEaReR x", b"Basic YTpi",
    b"Basic \xff", b"Digest", b"Bearer x\r\nAuthorization: Bearer y", b"", b"\x01",
)  # fmt: skip
_PLACES = (
    "", "/health", "/health/ready", "/docs", "/openapi.json", "/metrics", "/api/customers",
    "/api/customers/1", "/api/customers/1/health", "/api/customers/1/health/history",
    "/api/customers/1/health/changes", "/api/customers/1/events", "/api/customers/1/tickets",
    "/api/customers/1/invoices", "/api/events", "/api/dashboard", "/api/dashboard/stats",
    "/api/dashboard/history", "/api/v1/customers", "/api/nothing",
)  # fmt: skip
_IDS = (
    "0", "-1", "1.0", "1e3", "%00", "%ff", "%2e%2e", "..", "٣", "9" * 30, "9223372036854775808",
    "1%2f2", "1%0d%0aX-Injected:1", "1;a=b", "%ed%a0%80", "", "1/", "null", "%31",
)  # fmt: skip
_PARAMETERS = (
    "limit", "cursor", "sort", "q", "status", "segment", "owner", "min_score", "max_score",
    "churned", "as_of", "model", "from", "to", "event_type", "x",
)  # fmt: skip
_ODD_TARGETS = (
    b"*", b"http://evil.example/api/customers", b"//evil.example/api/customers",
    b"/api//customers", b"/%", b"/api/../api/customers", b"/api/%2e%2e/%2e%2e/etc/passwd",
    b"/\xff", b"/api/customers?\xff=%", b"evil:443", b"/api/customers?" + b"q=x&" * 9000,
    b"/" + b"a" * 70_000, b"/api/customers#x", b"/api/customers/\x7f", b"?",
    b"/%0d%0aX-Injected:%201", b"/api/customers?%00=%00&cursor=%00&limit", b"", b"/ /",
    b"/api\\customers",
)  # fmt: skip


def requests(
    key: str, customers: Sequence[int], cursors: Sequence[tuple[str, str]]
) -> st.SearchStrategy[Raw]:
    """Requests to an API that knows the key and the customers.

    Args:
        cursors: real ones, each with the address of its list.
    """
    targets = st.one_of(
        _targets(customers), _targets(customers), _pages(cursors), st.sampled_from(_ODD_TARGETS)
    )
    proof = st.sampled_from([f"Bearer {key}".encode()] * 12 + [*_CREDENTIALS])

    @st.composite
    def build(draw: st.DrawFn) -> Raw:
        method = draw(st.sampled_from((*METHODS[:6] * 2, *METHODS)))
        target, credential = draw(targets), draw(proof)
        headers = [b"Host: x", b"Connection: close", b"Authorization: " + credential]
        headers += draw(st.lists(st.sampled_from(_ODD), max_size=2))
        body, whole = b"", True
        if method not in {"GET", "HEAD"} or draw(st.integers(0, 9)) == 0:
            framing, body, whole = draw(_framed(customers))
            headers += framing
        # Other lengths, or none where the target or a name ends the head early: who knows.
        whole = whole and b"Content-Length: 1" not in headers
        turn = draw(st.integers(0, len(headers) - 1))
        headers = headers[turn:] + headers[:turn]
        head = b"\r\n".join([b"%s %s HTTP/1.1" % (method.encode(), target), *headers])
        return Raw(method, head + b"\r\n\r\n" + body, whole)

    noise = st.binary(min_size=1, max_size=60).map(
        lambda raw: Raw("GET", raw + b"\r\n\r\n", whole=False)
    )
    return st.one_of(*[build()] * 40, noise)


def _targets(customers: Sequence[int]) -> st.SearchStrategy[bytes]:
    ids = st.one_of(st.sampled_from([str(each) for each in customers]), st.sampled_from(_IDS))
    place = st.builds(
        lambda path, one: path.replace("/1", f"/{one}", 1) or "/", st.sampled_from(_PLACES), ids
    )
    value = st.one_of(
        st.sampled_from(
            [
                *_IDS,
                "1",
                "500",
                "name",
                "-arr",
                "any",
                "healthy",
                "smb",
                "2026-01-01",
                "nan",
                "inf",
                "1e999",
                "0001-01-01",
                "9999-12-31",
                "0001-01-01T00:00:00Z",
                "9999-12-31T23:59:59-23:59",
                "momentum",
            ]
        ),
        st.sampled_from(TEXTS).map(lambda text: quote(text, safe="")),
        st.text(st.characters(exclude_categories=["Cs"]), max_size=8).map(
            lambda text: quote(text, safe="")
        ),
        st.binary(max_size=6).map(lambda raw: quote(raw)),
    )
    query = st.lists(st.tuples(st.sampled_from(_PARAMETERS), value), max_size=3)
    return st.builds(
        lambda path, pairs: (
            path + ("?" + "&".join(map("=".join, pairs)) if pairs else "")
        ).encode(),
        place,
        query,
    )


def _pages(cursors: Sequence[tuple[str, str]]) -> st.SearchStrategy[bytes]:
    """Cursors that belong to their list but hold something else, or are cut or flipped."""
    value = st.one_of(
        st.sampled_from(_LITERALS), st.sampled_from(_TEXTS), st.just(b'"2026-05-04T00:00:00Z"')
    )

    def address(found: tuple[str, str], key: bytes, item: bytes, cut: int) -> bytes:
        path, cursor = found
        scope = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))[0]
        raw = b"[%s,%s,%s]" % (json.dumps(scope).encode(), key, item)
        made = base64.urlsafe_b64encode(raw).decode().rstrip("=")[: cut or None]
        return f"{path}{'&' if '?' in path else '?'}cursor={made[:9000]}".encode()

    items = st.one_of(st.sampled_from([b"1", b'"e-1"', b"9223372036854775807", b"0"]), value)
    return st.builds(
        address, st.sampled_from(cursors), value, items, st.sampled_from([0, 0, 0, -1, 9])
    )


def _framed(customers: Sequence[int]) -> st.SearchStrategy[tuple[list[bytes], bytes, bool]]:
    """A body, the headers that frame it, and whether it comes to its end."""

    def frame(body: bytes, kind: str, media: str, spoilt: int) -> tuple[list[bytes], bytes, bool]:
        headers, whole = [b"Content-Type: " + media.encode("latin-1")], True
        if kind == "gzip":
            headers.append(b"Content-Encoding: gzip")
            body = gzip.compress(body)
            body = body[:-spoilt] + bytes(spoilt) if spoilt else body
        if kind == "chunked":
            parts = [body[at : at + 700] for at in range(0, len(body), 700)]
            body = b"".join(b"%x;ext=1\r\n%s\r\n" % (len(part), part) for part in parts)
            body += [
                b"0\r\n\r\n",
                b"0\r\nX: y\r\n\r\n",
                b"-1\r\n\r\n",
                b"",
                b"fffffffffffffffff\r\n",
            ][spoilt]
            return [*headers, b"Transfer-Encoding: chunked"], body, spoilt < 2
        length: bytes = b"%d" % len(body)
        if kind == "length":
            length = [b"-1", b"+1", b"x", b"999999", b"99999999999999999999"][spoilt]
            whole = False
        if kind == "both":
            headers.append(b"Transfer-Encoding: chunked")
            whole = False
        return [*headers, b"Content-Length: " + length], body, whole

    kinds = st.sampled_from(["plain"] * 8 + ["chunked", "chunked", "gzip", "length", "both"])
    media = st.sampled_from([_TYPES[0]] * 12 + [*_TYPES])
    return st.builds(frame, _bodies(customers), kinds, media, st.integers(0, 4))


def _bodies(customers: Sequence[int]) -> st.SearchStrategy[bytes]:
    fields = st.sampled_from(_FIELDS)
    members = st.lists(st.tuples(fields, _VALUES), max_size=3)

    def spoiled(
        body: dict[str, object], more: list[tuple[str, bytes]], into: str, only: bool
    ) -> bytes:
        """The members as they are, then more under known or unknown names: some come twice."""
        parts = [f'"{name}":{json.dumps(value)}'.encode() for name, value in body.items()
                 if not (only and name in dict(more)) and name != into]  # fmt: skip
        extra = [b'"%s":%s' % (name.encode(), value) for name, value in more]
        inside = body.get(into)
        if isinstance(inside, dict):
            own = [f'"{name}":{json.dumps(value)}'.encode() for name, value in inside.items()
                   if not (only and name in dict(more))]  # fmt: skip
            return (
                b"{"
                + b",".join([*parts, b'"%s":{%s}' % (into.encode(), b",".join([*own, *extra]))])
                + b"}"
            )
        return b"{" + b",".join([*parts, *extra]) + b"}"

    event = st.sampled_from(_DATA).map(lambda pair: {"event_type": pair[0], "event_data": pair[1]})
    named = st.builds(
        lambda one, who: one | {"customer_id": who}, event, st.sampled_from(customers)
    )
    customer = st.uuids().map(
        lambda uuid: {
            "name": "Acme",
            "email": f"{uuid.hex}@acme.example",
            "segment": "smb",
            "arr": 5,
            "owner": "Ada",
        }
    )
    into = st.sampled_from(["event_data", ""])
    one = st.builds(spoiled, st.one_of(event, named, customer), members, into, st.booleans())
    bulk = st.lists(st.one_of(one, _VALUES), max_size=4).map(
        lambda items: b'{"events":[' + b",".join(items) + b"]}"
    )
    encodings = ["utf-8"] * 12 + ["utf-16", "utf-32", "utf-7", "cp037", "utf-8-sig"]

    def encoded(body: bytes, encoding: str, cut: int) -> bytes:
        if encoding != "utf-8":
            body = body.decode("utf-8", "ignore").encode(encoding, "ignore")
        return body[: len(body) - cut]

    bodies = st.one_of(*[one] * 6, *[bulk] * 3, _VALUES, st.binary(max_size=40))
    return st.builds(encoded, bodies, st.sampled_from(encodings), st.sampled_from([0] * 9 + [1]))
