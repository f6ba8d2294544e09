"""A small OIDC issuer in a process of its own: `python oidc_issuer.py PORT`.

Beside what every issuer serves: POST /token signs what it is given, POST /rotate changes the keys,
POST /person says who sits before the browser, GET /asked says how often the keys were asked for.
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import uuid4

import httpx
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from tests.support.oidc_sign_in import SignIns
from tests.support.ports import free_port

AUDIENCE = "customer-health-api"


class Issuer:
    """The test's end of it."""

    def __init__(self, address: str, process: "subprocess.Popen[bytes]") -> None:
        self.address = address
        self._process = process
        self._client = httpx.Client(base_url=address, timeout=30)

    def token(self, scope: str | None = "read", **changed: Any) -> str:
        """A token for this audience; None leaves a claim out, `header` changes the header."""
        header = changed.pop("header", {})
        now = int(time.time())
        claims = {"iss": self.address, "aud": AUDIENCE, "sub": "ada", "iat": now, "exp": now + 300}
        claims |= {"scope": scope} | changed
        claims = {name: value for name, value in claims.items() if value is not None}
        return self._client.post("/token", json={"header": header, "claims": claims}).text

    def rotate(self) -> None:
        """From now on other keys, and only those."""
        self._client.post("/rotate").raise_for_status()

    def seat(self, **claims: Any) -> None:
        """From now on this person signs in with the browser, without being asked."""
        self._client.post("/person", json=claims).raise_for_status()

    def published(self) -> list[dict[str, Any]]:
        """Its keys, as everybody sees them."""
        found: list[dict[str, Any]] = self._client.get("/keys").json()["keys"]
        return found

    def asked(self) -> int:
        """How often its keys were asked for by others."""
        return int(self._client.get("/asked").text)

    def vanish(self) -> None:
        """Be away, at once and for good."""
        self._client.close()
        self._process.kill()
        self._process.wait()


@contextmanager
def running_issuer() -> Iterator[Issuer]:
    """A real issuer on loopback."""
    port = free_port()
    command = [sys.executable, "-m", "tests.support.oidc_issuer", str(port)]
    with subprocess.Popen(command) as process:
        issuer = Issuer(f"http://127.0.0.1:{port}", process)
        try:
            _await(issuer)
            yield issuer
        finally:
            issuer.vanish()


def _await(issuer: Issuer) -> None:
    deadline = time.monotonic() + 30
    while True:
        with suppress(httpx.HTTPError):
            issuer.asked()
            return
        assert time.monotonic() < deadline, "the issuer did not start"
        time.sleep(0.05)


class _Handler(BaseHTTPRequestHandler):
    address: str
    signing: dict[str, RSAKey | ECKey]
    sign_ins = SignIns()
    asked = 0

    def do_GET(self) -> None:
        if self.path == "/.well-known/openid-configuration":
            own = {"issuer": self.address, "jwks_uri": f"{self.address}/jwks"}
            self._answer(own | self.sign_ins.endpoints(self.address))
        elif (target := self.sign_ins.redirect(self.path)) is not None:
            self.send_response(302)
            self.send_header("Location", target)
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif self.path in {"/jwks", "/keys"}:
            _Handler.asked += self.path == "/jwks"
            self._answer({"keys": [key.as_dict(private=False) for key in self.signing.values()]})
        else:
            self._answer(self.asked)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/rotate":
            _Handler.signing = _new_keys()
            self._answer("")
            return
        if self.path == "/exchange":
            self._exchange(body.decode())
            return
        given = json.loads(body)
        if self.path == "/person":
            self.sign_ins.person = given
            self._answer("")
            return
        algorithm = given["header"].get("alg", "RS256")
        key = self.signing["ES256" if algorithm == "ES256" else "RS256"]
        header = {"alg": algorithm, "kid": key.kid} | given["header"]
        token = jwt.encode(header, given["claims"], key, algorithms=[algorithm])
        self._answer(token)

    def _exchange(self, form: str) -> None:
        claims = self.sign_ins.claims(form, self.headers["Authorization"], self.address)
        key = self.signing["RS256"]
        token = jwt.encode({"alg": "RS256", "kid": key.kid}, claims, key)
        self._answer({"access_token": "unused", "token_type": "Bearer", "id_token": token})

    def log_message(self, *_: object) -> None:
        """Nothing."""

    def _answer(self, value: object) -> None:
        body = (value if isinstance(value, str) else json.dumps(value)).encode()
        self.send_response(200)
        if not isinstance(value, str):
            self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _new_keys() -> dict[str, RSAKey | ECKey]:
    return {
        "RS256": RSAKey.generate_key(2048, {"kid": uuid4().hex, "use": "sig"}),
        "ES256": ECKey.generate_key("P-256", {"kid": uuid4().hex, "use": "sig"}),
    }


def main() -> None:
    """Serve until killed."""
    port = int(sys.argv[1])
    _Handler.address, _Handler.signing = f"http://127.0.0.1:{port}", _new_keys()
    ThreadingHTTPServer(("127.0.0.1", port), _Handler).serve_forever()


if __name__ == "__main__":
    main()
